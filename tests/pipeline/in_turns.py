#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/cron/turn.sh: three turns, the second of which is killed.

usage: in_turns.py BIN examples/cron/turn.sh
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TINY = "--tower-channels 4 --batch-size 4 --train-buffer-size 32 --target-cem 8/2/1 --act-cem 8/2/1 --json"


def main():
    binaries, script = map(lambda word: pathlib.Path(word).resolve(), sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="qt-turns-") as scratch:
        command = [str(script), str(pathlib.Path(scratch) / "work")]
        environment = dict(os.environ, PATH=f"{binaries}:{os.environ['PATH']}", GRASPS="3", STEPS="20", TRAIN_FLAGS=TINY)

        def turn():
            for _ in range(100):
                result = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
                if result.returncode != 75:  # the last process of a killed turn holds the lock until it is gone
                    break
                time.sleep(0.1)
            assert result.returncode == 0, result.stderr
            return json.loads(result.stdout)

        first = turn()
        assert (first["steps"], first["episodes"], first["episodes_online"]) == (20, 3, 0), first
        killed = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(1)
        busy = subprocess.run(command, env=environment, check=False).returncode
        assert busy == 75, f"a turn beside another one ends with {busy}"
        os.killpg(killed.pid, 9)
        killed.wait()
        third = turn()
        assert third["steps"] >= 40 and third["episodes_online"] >= 3, third


if __name__ == "__main__":
    main()
