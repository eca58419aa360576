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

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/schemas"))
import outputs  # noqa: E402
from schema import breaches  # noqa: E402

RELATIVE_ERROR = 1e-3  # of losses: another processor sums in another order


def run(bin_dir, *words, status=0, stdin=None):
    environment = dict(os.environ, PATH=f"{bin_dir}:{os.environ['PATH']}")
    done = subprocess.run(words, capture_output=True, env=environment, check=False, stdin=stdin)
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


def kind(value):
    """What of a value may not change: a number stays a number, but null is what is unknown today."""
    for name in (bool, (int, float), str, list, dict):
        if isinstance(value, name):
            return name
    return None


def changed(before, now, path=""):
    """Where a key that was printed is gone, or of another kind."""
    if before is None or now is None:
        return
    if kind(before) != kind(now):
        yield f"{path} is {now!r}, was {before!r}"
    elif isinstance(before, dict):
        for key, value in before.items():
            if key in now:
                yield from changed(value, now[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is gone"
    elif isinstance(before, list) and before and now:
        yield from changed(before[0], now[0], f"{path}[0]")


def check_outputs(bin_dir):
    """Keys are added, never changed: the same commands print at least what they printed, and fit the schemas of then."""
    if not pathlib.Path("outputs.json").exists():
        return
    before = json.loads(pathlib.Path("outputs.json").read_text())
    pathlib.Path("outputs").mkdir()
    now = outputs.collect(bin_dir, SOURCE, pathlib.Path("outputs").resolve(), set(before))
    problems = []
    for name, values in before.items():
        schema_name, objects = now[name]
        if len(objects) != len(values):
            problems.append(f"{name}: {len(objects)} objects, were {len(values)}")
        problems += [f"{name}: {what}" for old, new in zip(values, objects) for what in changed(old, new)]
        schema = pathlib.Path(f"schemas/{schema_name}.schema.json")
        if schema.exists():
            problems += [f"{name}, by the schema of then: {what}" for new in objects
                         for what in breaches(json.loads(schema.read_text()), new, strict=False)]
    if problems:
        sys.exit("the outputs: " + "; ".join(problems[:8]))


def check_protocols(bin_dir):
    """A client of then is answered as it was; a driver of then drives, and a client of then is driven for."""
    if not pathlib.Path("serve.requests").exists():
        return
    wanted = lines_of(pathlib.Path("serve.answers").read_text())
    with open("serve.requests", "rb") as requests:
        got = lines_of(run(bin_dir, "qt-serve", "policy.safetensors", "--stdio", stdin=requests))
    for before, now in zip(wanted, got, strict=True):
        problems = list(changed(before, now))
        if problems or before["type"] != now["type"]:
            sys.exit(f"qt-serve answers {now}, answered {before}")
        if any(not math.isclose(x, y, abs_tol=RELATIVE_ERROR) for x, y in zip(before.get("action", []), now.get("action", []))):
            sys.exit(f"qt-serve acts {now['action']}, acted {before['action']}")
    driver = f"exec:{sys.executable} {SOURCE}/tests/upgrade/replay_driver.py robot.answers"
    run(bin_dir, "qt-collect", "-n", "2", "--seed", "5", "-q", "--robot", driver, "-o", "robot.mcap")
    was, now = lines_of(pathlib.Path("robot.jsonl").read_text()), lines_of(run(bin_dir, "qt-data", "dump", "robot.mcap"))
    for before, after in zip(was, now, strict=True):
        must_hold(before["steps"], after["steps"], f"the steps of {before['id']}")
        must_hold(before["final_gripper"], after["final_gripper"], f"the end of {before['id']}")
    with open("robot.requests", "rb") as requests:
        done = subprocess.run([f"{bin_dir}/qt-collect", "--serve-robot", "--image-size", "32", "--min-objects", "3", "--max-objects",
                               "4"], stdin=requests, capture_output=True, check=True)
    was = outputs.objects_in(pathlib.Path("robot.answers").read_bytes())
    for before, after in zip(was, outputs.objects_in(done.stdout), strict=True):
        problems = list(changed(before, after))
        if problems or before["type"] != after["type"]:
            sys.exit(f"qt-collect --serve-robot answers {after}, answered {before}")


def main(bin_dir, archive):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "--zstd", "-f", archive, "-C", folder], check=True)
        os.chdir(folder)
        old = lines_of(pathlib.Path("labelled.jsonl").read_text())
        check_episodes(bin_dir, old)
        check_labels(bin_dir, old)
        check_resume(bin_dir)
        check_policy(bin_dir)
        check_outputs(bin_dir)
        check_protocols(bin_dir)


if __name__ == "__main__":
    main(str(pathlib.Path(sys.argv[1]).resolve()), str(pathlib.Path(sys.argv[2]).resolve()))
