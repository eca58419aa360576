#!/usr/bin/env python3
"""The crontab of docs/LOOP.md, as it stands there, by a clock that is set: collect, label, train on, gate, promote, while a
server runs and is asked. A policy that is no better is not promoted. One that is takes its place without a failed request:
since nothing learns to grasp within seconds, the released policy stands in for what training made of the run.

usage: cron.py BIN docs/LOOP.md START_MODEL BETTER_MODEL
"""

import datetime
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from in_turns import TINY, script_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from serve_client import Client, act, picture  # noqa: E402

FOLDER = "/srv/grasping"


class Cron:
    """Runs what is due, and only when it is told how late it is. `date` on PATH says the same."""

    def __init__(self, page, scratch, work, binaries):
        self.lines = re.search(r"```crontab\n(.*?)```", page.read_text(), re.DOTALL)[1].replace(FOLDER, str(work)).splitlines()
        self.clock = scratch / "clock"
        tools = scratch / "tools"
        tools.mkdir()
        date = shutil.which("date")
        (tools / "date").write_text(f'#!/bin/sh\nexec {date} -d "$(cat {self.clock})" "$@"\n')
        for name in ("turn.sh", "promote.sh"):
            (tools / name).write_text(script_of(page, name))
        for script in tools.iterdir():
            script.chmod(0o755)
        self.environment = dict(os.environ, PATH=f"{tools}:{binaries}:{os.environ['PATH']}", GRASPS="3", STEPS="20",
                                TRAIN_FLAGS=TINY)

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
    binaries, page, start, better = map(lambda word: pathlib.Path(word).resolve(), sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="qt-cron-") as scratch:
        work = pathlib.Path(scratch) / "work"
        work.mkdir()
        served = work / "served.safetensors"
        shutil.copy(start, served)
        cron = Cron(page, pathlib.Path(scratch), work, binaries)
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
