#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever ends a trainer, in whatever order, the run ends with the weights of one that nothing ended, bit for bit.

usage: train_interruptions.py BIN FAULTY_LIB LABELLED.mcap [--count N] [--lives N] [--seed N]

Each run has some lives: SIGTERM or SIGKILL after a random step, a disk that is full after a random number of bytes, an
fsync or a renaming that fails. After each the run is resumed, and the last life is left alone. Policy, last checkpoint
and the losses of all steps must be those of a run with one life. Targets are computed inline (--updaters 0): with
threads no two runs are equal. The test suite makes a few runs; --count 50 is the whole (bench/README.md).
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from kill import tensors

STEPS = 60
ENDS = ("SIGTERM", "SIGKILL", "full disk", "failing fsync", "failing rename")


class Trainer:
    """One command, and what it comes to when nothing ends it."""

    def __init__(self, binaries, library, labelled, work):
        self.library = library
        self.command = [binaries / "qt-train", "-q", labelled, "--steps", str(STEPS), "--updaters", "0",
                        "--checkpoint-steps", "7", "--keep", "2", "--log-steps", "1", "--publish-policy-steps", "5",
                        "--batch-size", "4", "--train-buffer-size", "16", "--target-cem", "8/2/1", "--act-cem", "8/2/1",
                        "--tower-channels", "4"]
        whole = work / "whole"
        assert self.start(whole).wait(timeout=200) == 0
        self.bytes = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file())
        self.result = result(whole)

    def start(self, run, faults=None):
        environment = dict(os.environ, ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")
        if faults:
            environment.update({f"FAULTY_{key}": str(value) for key, value in faults.items()}, LD_PRELOAD=self.library)
        resume = ["--resume"] if (run / "config.json").exists() else []  # else it never began
        return subprocess.Popen([*self.command, "-o", run, *resume], env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def losses(run):
    """{step: loss} of complete lines; no step twice."""
    path = run / "metrics.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    pairs = [(line["step"], line["loss"]) for line in map(json.loads, lines)]
    assert len(dict(pairs)) == len(pairs), "a step stands twice in metrics.jsonl"
    return dict(pairs)


def result(run):
    newest = max(run.glob("checkpoints/step-*.safetensors"))
    return tensors(run / "policy.safetensors"), newest.name, tensors(newest), losses(run)


def num_steps(run):
    path = run / "metrics.jsonl"
    return path.read_text().count("\n") if path.exists() else 0


def live(trainer, run, end):
    """One life. Returns its exit status."""
    if not end.startswith("SIG"):
        moment = random.uniform(0, 1) ** 2  # rather early: what is written is less than that, where a run goes on
        faults = {"full disk": {"FULL": int(moment * 4 * trainer.bytes)}, "failing fsync": {"FSYNC": 1 + int(moment * 100)},
                  "failing rename": {"RENAME": 1 + int(moment * 40)}}[end]
        return trainer.start(run, faults).wait(timeout=200)
    tool = trainer.start(run)
    wanted = num_steps(run) + random.randrange(STEPS // 2)
    while tool.poll() is None and num_steps(run) < wanted:
        time.sleep(0.005)
    time.sleep(random.choice((0, 0, random.uniform(0, 0.1))))
    tool.send_signal(getattr(signal, end))
    return tool.wait(timeout=200)


def expect_end(end, status):
    if end == "SIGTERM":
        assert status in (0, 130, -signal.SIGTERM), f"exit status {status}"  # before main, it has no handler
    elif end == "SIGKILL":
        assert status in (0, -signal.SIGKILL), f"exit status {status}"
    else:
        assert status in (0, 1), f"exit status {status}"


def one_run(trainer, run, lives, ends):
    for _ in range(lives):
        ends.append(random.choice(ENDS))
        expect_end(ends[-1], live(trainer, run, ends[-1]))
        for path in [*run.glob("checkpoints/step-*.safetensors"), *run.glob("*.safetensors")]:
            tensors(path)  # whole, whenever it is looked at
    status = trainer.start(run).wait(timeout=200)
    assert status == 0, f"it does not resume: exit status {status}"
    policy, name, checkpoint, logged = result(run)
    assert policy == trainer.result[0], "another policy"
    assert (name, checkpoint) == trainer.result[1:3], "another checkpoint"
    assert logged == trainer.result[3], "other losses"
    assert not list(run.glob("**/.*.tmp")), "temporaries are left"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("library")
    parser.add_argument("labelled")
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--lives", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{options.count} runs of {options.lives} ends each, --seed {options.seed}")
    random.seed(options.seed)
    failures, total = 0, collections.Counter()
    with tempfile.TemporaryDirectory(prefix="qt-interruptions-") as scratch:
        work = pathlib.Path(scratch)
        trainer = Trainer(options.binaries, options.library, options.labelled, work)
        for number in range(options.count):
            run, ends = work / f"run-{number}", []
            try:
                one_run(trainer, run, options.lives, ends)
            except AssertionError as error:
                print(f"FAILED: run {number} after {', '.join(ends)}: {error}")
                failures += 1
            total.update(ends)
            shutil.rmtree(run, ignore_errors=True)
    print("ends: " + ", ".join(f"{count} {end}" for end, count in sorted(total.items())))
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
