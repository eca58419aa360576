#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A user who may have few processes: a tool works with fewer threads or says that it cannot, soon; it waits for nothing
that will not come, and it is not "interrupted".

usage: few_processes.py BIN FIXTURES
"""

import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534
failures = []


def allow(count):
    def limit():
        resource.setrlimit(resource.RLIMIT_NPROC, (count, count))
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    return limit


def check(count, words):
    case = f"{count} processes: {' '.join(map(str, words))}"
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=100,
                              preexec_fn=allow(count))
    except subprocess.TimeoutExpired:
        failures.append(f"{case}: still there after 100 s")
        return
    said = done.stderr.decode()
    if done.returncode not in (0, 1) or done.returncode and not said or "OpenBLAS" in said:
        failures.append(f"{case}: exit status {done.returncode}: {said}")


def main():
    binaries, fixtures = map(pathlib.Path, sys.argv[1:])
    if os.geteuid() != 0:
        print("SKIPPED: only root can become a user who runs nothing else")
        return 0
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        os.chown(folder, NOBODY, NOBODY)
        for name in ("episodes.mcap", "labelled.mcap", "model.safetensors"):
            shutil.copy(fixtures / name, folder)
        episodes, labelled, model = (folder / name for name in ("episodes.mcap", "labelled.mcap", "model.safetensors"))
        for count in (1, 2, 3):
            out = folder / str(count)
            for words in (["qt-collect", "-n", "2", "--num-envs", "2", "--policy", "random", "-o", f"{out}-c.mcap"],
                          ["qt-label", episodes, "-o", f"{out}-l.mcap"],
                          ["qt-train", labelled, "-o", f"{out}-run", "--steps", "2", "--batch-size", "4",
                           "--target-cem", "8/2/1", "--tower-channels", "4"],
                          ["qt-serve", model, "--stdio"],
                          ["qt-eval", "scripted", "-n", "1"],
                          ["qt-data", "view", episodes, "-o", f"{out}.mp4"]):
                check(count, [binaries / words[0], *words[1:]])
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
