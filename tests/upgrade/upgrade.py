#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an earlier release wrote is read by today's tools (tests/upgrade/README.md).

usage: upgrade.py BIN ARCHIVE.tar.zst
"""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

RELATIVE_ERROR = 1e-3  # of losses: another processor sums in another order


def run(bin_dir, *words, status=0):
    environment = dict(os.environ, PATH=f"{bin_dir}:{os.environ['PATH']}")
    done = subprocess.run(words, capture_output=True, env=environment, check=False)
    if done.returncode != status:
        sys.exit(f"{' '.join(words)}: exit status {done.returncode}, wanted {status}\n{done.stderr.decode()}")
    return done.stdout.decode()


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def missing(wanted, got, path=""):
    """Where `got` lacks or contradicts `wanted`; more keys are allowed."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key, value in wanted.items():
            if key not in got:
                yield f"{path}.{key} is gone"
            else:
                yield from missing(value, got[key], f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, (value, other) in enumerate(zip(wanted, got)):
            yield from missing(value, other, f"{path}[{index}]")
    elif wanted != got:
        yield f"{path} is {got!r}, was {wanted!r}"


def must_hold(wanted, got, what):
    problems = list(missing(wanted, got))
    if problems:
        sys.exit(f"{what}: " + "; ".join(problems[:5]))


def check_episodes(bin_dir, old):
    run(bin_dir, "qt-data", "check", "raw.mcap", "labelled.mcap")
    got = lines_of(run(bin_dir, "qt-data", "dump", "labelled.mcap"))
    must_hold(old, got, "the dump of labelled.mcap")


def check_labels(bin_dir, old):
    run(bin_dir, "qt-label", "-q", "raw.mcap", "-o", "now.mcap")
    now = lines_of(run(bin_dir, "qt-data", "dump", "now.mcap"))
    for before, after in zip(old, now):
        must_hold(before["labels"], after["labels"], f"the labels of {before['id']}")
    run(bin_dir, "qt-label", "-q", "--calibration", "calibration.json", "raw.mcap", "-o", "calibrated.mcap")


def check_resume(bin_dir):
    """Another three steps of the old run, with its own settings: only --steps is said."""
    run(bin_dir, "qt-train", "labelled.mcap", "-o", "run", "--resume", "--steps", "9", "--log-steps", "1", "-q")
    wanted = {line["step"]: line for line in lines_of(pathlib.Path("resumed_metrics.jsonl").read_text())}
    got = {line["step"]: line for line in lines_of(pathlib.Path("run/metrics.jsonl").read_text())}
    for step in (7, 8, 9):
        for key in ("loss", "target_mean"):
            if not math.isclose(wanted[step][key], got[step][key], rel_tol=RELATIVE_ERROR):
                sys.exit(f"step {step}: {key} is {got[step][key]}, with the old tools it was {wanted[step][key]}")


def check_policy(bin_dir):
    report = json.loads(run(bin_dir, "qt-eval", "policy.safetensors", "-n", "2", "--seed", "1", "--json"))
    if report["exit_status"] != 0:
        sys.exit(f"qt-eval of the old policy: {report}")


def main(bin_dir, archive):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "--zstd", "-f", archive, "-C", folder], check=True)
        os.chdir(folder)
        old = lines_of(pathlib.Path("labelled.jsonl").read_text())
        check_episodes(bin_dir, old)
        check_labels(bin_dir, old)
        check_resume(bin_dir)
        check_policy(bin_dir)


if __name__ == "__main__":
    main(str(pathlib.Path(sys.argv[1]).resolve()), str(pathlib.Path(sys.argv[2]).resolve()))
