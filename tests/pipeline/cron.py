#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The crontab and the scripts of examples/cron, as they stand there, in cron's bare environment and by a clock that is set:
collect, label, train on, gate, promote, while a server runs and is asked. A policy that is no better is not promoted. One
that is takes its place without a failed request: since nothing learns to grasp within seconds, the released policy stands in
for what training made of the run.

usage: cron.py BIN examples/cron START_MODEL BETTER_MODEL
"""

import datetime
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from in_turns import TINY

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from serve_client import Client, act, picture  # noqa: E402

FOLDER, PREFIX = "/srv/grasping", "/usr/local/bin"


class Cron:
    """Runs what is due, and only when it is told how late it is. `date` says the same. What is installed in PREFIX is in
    folders of the test's own; else there is nothing but what cron itself sets and the crontab says."""

    def __init__(self, examples, scratch, work, binaries):
        lines = (examples / "crontab").read_text().replace(FOLDER, str(work)).splitlines()
        self.clock = scratch / "clock"
        tools = scratch / "tools"
        tools.mkdir()
        date = shutil.which("date")
        (tools / "date").write_text(f'#!/bin/sh\nexec {date} -d "$(cat {self.clock})" "$@"\n')
        for name in ("turn.sh", "promote.sh"):
            shutil.copy(examples / name, tools)
        for script in tools.iterdir():
            script.chmod(0o755)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(scratch), "SHELL": "/bin/sh", "GRASPS": "3", "STEPS": "20",
                            "TRAIN_FLAGS": TINY}
        for line in lines:
            name, is_set, value = line.partition("=")
            if is_set and name.isidentifier():
                self.environment[name] = value.replace(PREFIX, f"{tools}:{binaries}")
        self.lines = [line for line in lines if not line.partition("=")[0].isidentifier()]

    def due(self, now):
        """The commands of this minute; None is the start of the machine."""
        for line in self.lines:
            *fields, command = line.split(None, 1) if line.startswith("@") else line.split(None, 5)
            if now is None:
                hit = fields == ["@reboot"]
            else:
                minute, hour, *others = fields if len(fields) == 5 else ["", "", ""]
                assert not minute or others == ["*"] * 3, line
                hit = minute == str(now.minute) and hour in ("*", str(now.hour))
            if hit:
                yield command

    def run_until(self, now, end, **environment):
        """[(command, its exit status)] of the minutes after `now`, up to `end`."""
        ended = []
        while now < end:
            now += datetime.timedelta(minutes=1)
            self.clock.write_text(now.isoformat(" "))
            for command in self.due(now):
                done = subprocess.run(["sh", "-c", command], env={**self.environment, **environment}, check=False,
                                      stdout=subprocess.DEVNULL)
                ended.append((command.split("/")[0].split()[0], done.returncode))
        return ended

    def boot(self):
        (command,) = self.due(None)
        return subprocess.Popen(["sh", "-c", f"exec {command}"], env=self.environment)


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def connected(path, server):
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        if path.exists():
            return Client(str(path))
        time.sleep(0.05)
    raise TimeoutError("the server did not start")


def await_digest(client, wanted):
    """Asks until the wanted policy answers; every request is answered by some policy."""
    for _ in range(600):
        answer = client.ask(act(1), picture(1))
        assert answer["type"] == "action", answer
        if answer["digest"] == wanted:
            return
        time.sleep(0.05)
    raise TimeoutError(f"the server does not take up {wanted}")


def main():
    binaries, examples, start, better = map(lambda word: pathlib.Path(word).resolve(), sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="qt-cron-") as scratch:
        work = pathlib.Path(scratch) / "work"
        work.mkdir()
        served = work / "served.safetensors"
        shutil.copy(start, served)
        cron = Cron(examples, pathlib.Path(scratch), work, binaries)
        server = cron.boot()
        try:
            client = connected(work / "policy.sock", server)
            await_digest(client, digest_of(start))
            at = datetime.datetime.fromisoformat
            ended = cron.run_until(at("2031-05-01 02:59"), at("2031-05-01 03:59"), ATTEMPTS="2")
            assert ended == [("turn.sh", 0), ("promote.sh", 3)], ended
            assert digest_of(served) == digest_of(start), "it was promoted without being better"
            assert list((work / "spool").glob("*.mcap")), "nothing was collected into the spool"
            ended = cron.run_until(at("2031-05-01 03:59"), at("2031-05-01 04:29"))
            assert ended == [("turn.sh", 0)], ended
            assert (work / "run/policies.jsonl").read_text().rstrip().endswith("}"), "it was not trained on"
            shutil.copy(better, work / "run/policy.safetensors")
            ended = cron.run_until(at("2031-05-01 04:29"), at("2031-05-01 04:59"), ATTEMPTS="10")
            assert ended == [("promote.sh", 0)], (ended, (work / "promote.txt").read_text())
            await_digest(client, digest_of(better))
        finally:
            server.terminate()
        assert server.wait(20) == 0


if __name__ == "__main__":
    main()
