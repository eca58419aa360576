#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments while a tool writes to a file, a spool and a pipe.

usage: kill.py BIN EPISODES.mcap [--count N] [--seed N] [--only NAME]

Every episode that was complete when the process died is read back, from what it left: the file, the hidden temporary,
or what the pipe had delivered; and what is read is what a run without a kill writes. `qt-data compact` may leave
episodes twice, never one too few. The run folder of `qt-train` can be resumed, and ends where a run without a kill ends.
The test suite runs a few; --count 200 is the whole, --only qt-train --count 20 the trainer's (bench/README.md).
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from episode_files import chunk_ends, dump, temporaries

SINKS = ("file", "spool", "pipe")


class Killed:
    """One command, what it writes when it is left alone, and how long that takes."""

    def __init__(self, name, command, qt_data, work):
        self.name, self.command, self.qt_data = name, command, qt_data
        path = work / f"{name}.mcap"
        start = time.monotonic()
        subprocess.run([*command, "-o", path], check=True, stdin=subprocess.DEVNULL)
        self.seconds = time.monotonic() - start
        self.lines = dump(qt_data, [path])
        path.unlink()

    def start(self, sink, folder):
        output = {"file": ["-o", folder / "out.mcap"], "spool": ["-o", f"{folder}/"], "pipe": []}[sink]
        stdout = open(folder / "pipe", "wb") if sink == "pipe" else subprocess.DEVNULL
        reader = None
        if sink == "pipe":  # a real pipe, and somebody who keeps what comes through it
            reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=stdout)
            stdout = reader.stdin
        tool = subprocess.Popen([*self.command, *output], stdin=subprocess.DEVNULL, stdout=stdout,
                                stderr=subprocess.DEVNULL)
        if reader:
            reader.stdin.close()
        return tool, reader

    @staticmethod
    def written(sink, folder):
        """The file that holds what was written so far, if there is one; a name is given to it at the very end."""
        if sink == "pipe":
            return folder / "pipe"
        finished = [p for p in folder.iterdir() if not p.name.startswith(".")]
        found = finished or temporaries(folder)
        assert len(found) <= 1, found
        return found[0] if found else None

    def count_written(self, sink, folder):
        try:
            path = self.written(sink, folder)
            return len(chunk_ends(path.read_bytes())) if path else 0
        except FileNotFoundError:  # it was renamed just now
            return 0

    def kill_once(self, sink, folder, moment_s):
        """(episodes seen before the kill, episodes read back, whether it was too late). Raises if one was lost."""
        tool, reader = self.start(sink, folder)
        time.sleep(moment_s)
        seen = self.count_written(sink, folder)
        tool.kill()
        too_late = tool.wait() == 0
        if reader:
            reader.wait()
        path = self.written(sink, folder)
        complete = len(chunk_ends(path.read_bytes())) if path else 0
        lines = dump(self.qt_data, [path], (0, 3)) if path and path.stat().st_size >= 8 else []
        assert complete >= seen, f"{seen} episodes were written, {complete} are left"
        assert lines == self.lines[:complete], f"{len(lines)} of {complete} complete episodes are read back as they were"
        if path and path.name.startswith("."):  # as a user would save it
            saved = folder / "saved.mcap"
            subprocess.run([self.qt_data, "recover", "-q", path, "-o", saved], check=False, stderr=subprocess.DEVNULL)
            kept = dump(self.qt_data, [saved]) if saved.exists() else []
            assert kept == lines, f"qt-data recover saves {len(kept)} episodes of {complete}"
        assert not too_late or complete == len(self.lines), "a run that ended well is not complete"
        return seen, complete, too_late


class KilledCompact:
    """qt-data compact: many files of a folder become one; meanwhile each episode is in one or the other."""

    name = "compact"

    def __init__(self, qt_data, parts, work):
        self.qt_data, self.parts = qt_data, parts
        folder = work / "compact-clean"
        self.fill(folder)
        self.lines = collections.Counter(dump(qt_data, [folder]))
        start = time.monotonic()
        subprocess.run([qt_data, "compact", "-q", folder], check=True, stdin=subprocess.DEVNULL)
        self.seconds = time.monotonic() - start
        assert collections.Counter(dump(qt_data, [folder])) == self.lines

    def fill(self, folder):
        folder.mkdir()
        for i, part in enumerate(self.parts):
            shutil.copy(part, folder / f"{i:03}.mcap")

    def kill_once(self, _, folder, moment_s):
        self.fill(folder / "spool")
        tool = subprocess.Popen([self.qt_data, "compact", "-q", folder / "spool"], stdin=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        time.sleep(moment_s)
        tool.kill()
        too_late = tool.wait() == 0
        lines = collections.Counter(dump(self.qt_data, [folder / "spool"]))
        lost = self.lines - lines
        assert not lost, f"{lost.total()} episodes are lost"
        assert set(lines) == set(self.lines), "there are episodes that were not there"
        # The next run tidies up: what was there twice is there once again.
        subprocess.run([self.qt_data, "compact", "-q", folder / "spool"], check=True, stdin=subprocess.DEVNULL)
        assert self.lines == collections.Counter(dump(self.qt_data, [folder / "spool"])), "the next run does not mend it"
        return 0, lines.total(), too_late


def tensors(path):
    """{name: bytes} of a safetensors file that is whole."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    end = max(entry["data_offsets"][1] for entry in header.values())
    assert len(data) == 8 + length + end, f"{path.name} is not whole"
    return {name: data[8 + length:][slice(*entry["data_offsets"])] for name, entry in header.items()}


class KilledTrain:
    """qt-train: what it leaves can be resumed, and ends with the weights of a run that was never killed."""

    name = "qt-train"
    STEPS = 200

    def __init__(self, qt_train, labelled, work):
        self.command = [qt_train, "-q", str(labelled), "--steps", str(self.STEPS), "--checkpoint-steps", "5", "--keep", "2",
                        "--log-steps", "1", "--publish-policy-steps", "3", "--batch-size", "4", "--train-buffer-size", "16",
                        "--target-cem", "8/2/1", "--act-cem", "8/2/1", "--tower-channels", "4", "--updaters", "0",
                        "--evaluate-every", "50", "--evaluate-episodes", "1"]
        start = time.monotonic()
        self.run(work / "train-clean")
        self.seconds = time.monotonic() - start
        self.weights = tensors(work / "train-clean" / "policy.safetensors")

    def run(self, folder, *more):
        subprocess.run([*self.command, "-o", folder, *more], check=True, stdin=subprocess.DEVNULL)

    def kill_once(self, _, folder, moment_s):
        run = folder / "run"
        tool = subprocess.Popen([*self.command, "-o", run], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment_s)
        tool.kill()
        too_late = tool.wait() == 0
        checkpoints = sorted(run.glob("checkpoints/step-*.safetensors"))
        for path in [*checkpoints, *run.glob("*.safetensors")]:
            tensors(path)
        step = int(checkpoints[-1].stem.removeprefix("step-")) if checkpoints else 0
        try:  # a run that has not come as far as its configuration never began
            self.run(run, *(["--resume"] if (run / "config.json").exists() else []))
        except subprocess.CalledProcessError as error:
            raise AssertionError(f"the run folder does not resume: {error}") from error
        assert tensors(run / "policy.safetensors") == self.weights, "it resumes, but not to the same weights"
        assert not list(run.glob("**/.*.tmp")), "the resumed run leaves temporaries behind"
        return 0, step, too_late


def has_command(qt_data, name):
    listing = subprocess.run([qt_data, "--help"], capture_output=True, text=True, check=True).stdout
    return f"\n  {name} " in listing


def split(binaries, work, count):
    """Files of one episode each; compact would write copies of an episode once."""
    whole = work / "whole.mcap"
    subprocess.run([binaries / "qt-collect", "-q", "-n", str(count), "--seed", "2", "--image-size", "32", "-o", whole],
                   check=True)
    parts = [work / f"part-{i}.mcap" for i in range(count)]
    for i, part in enumerate(parts):
        subprocess.run([binaries / "qt-data", "cat", "-q", whole, "--episodes", str(i), "-o", part], check=True)
    return parts


def make_trainer(binaries, episodes, work):
    labelled = work / "labelled.mcap"
    subprocess.run([binaries / "qt-label", "-q", episodes, "-o", labelled], check=True)
    return KilledTrain(str(binaries / "qt-train"), labelled, work)


def make_writers(binaries, episodes, work):
    qt_data, qt_label = str(binaries / "qt-data"), str(binaries / "qt-label")
    many = work / "many.mcap"
    subprocess.run([qt_label, "-q", *[episodes] * 20, "-o", many], check=True)
    targets = [
        (Killed("qt-collect", [str(binaries / "qt-collect"), "-q", "-n", "6", "--seed", "1", "--image-size", "32",
                               "--num-envs", "1"], qt_data, work), SINKS),
        (Killed("qt-label", [qt_label, "-q", "--relabel", str(many)], qt_data, work), SINKS),
    ]
    if has_command(qt_data, "cat"):
        targets.append((Killed("qt-data cat", [qt_data, "cat", "-q", str(many)], qt_data, work), SINKS))
    if has_command(qt_data, "compact"):
        targets.append((KilledCompact(qt_data, split(binaries, work, 16), work), ("spool",)))
    return targets


def make_targets(binaries, episodes, work, only):
    targets = [] if only == KilledTrain.name else make_writers(binaries, episodes, work)
    if only in ("", KilledTrain.name) and (binaries / "qt-train").exists():
        targets.append((make_trainer(binaries, episodes, work), ("run",)))
    return [(target, sinks) for target, sinks in targets if only in ("", target.name)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("episodes")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
    parser.add_argument("--only", default="", help="one of the tools")
    options = parser.parse_args()
    print(f"{options.count} kills, --seed {options.seed}")
    random.seed(options.seed)
    failures, totals = 0, {}
    with tempfile.TemporaryDirectory(prefix="qt-kill-") as scratch:
        work = pathlib.Path(scratch)
        cases = [(target, sink) for target, sinks in make_targets(options.binaries, options.episodes, work, options.only)
                 for sink in sinks]
        for number in range(options.count):
            target, sink = cases[number % len(cases)]
            folder = work / f"kill-{number}"
            folder.mkdir()
            moment_s = random.uniform(0, 1.05 * target.seconds)
            total = totals.setdefault((target.name, sink), collections.Counter())
            try:
                _, complete, too_late = target.kill_once(sink, folder, moment_s)
                total.update(kills=1, too_late=too_late, complete=complete)
            except AssertionError as error:
                print(f"FAILED: kill {number}, {target.name} to a {sink}, after {moment_s:.3f} s: {error}")
                failures += 1
                total.update(kills=1, failed=1)
            shutil.rmtree(folder)
    print(f"{'killed':12} {'writing to':10} {'kills':>5} {'after the end':>13} {'complete':>17} {'failed':>6}")
    for (name, sink), total in totals.items():
        print(f"{name:12} {sink:10} {total['kills']:5} {total['too_late']:13} {total['complete']:17} {total['failed']:6}")
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
