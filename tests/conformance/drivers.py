#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""qt-collect --check-robot: our drivers keep every rule, and each driver that breaks one fails that one alone. Afterwards
nothing of them runs.

usage: drivers.py QT_COLLECT NO_ROBOT_CC SOURCE
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys

COLLECT, NO_ROBOT, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
DRIVERS, SUPPORT = SOURCE / "examples/drivers", SOURCE / "tests/support"
sys.path.insert(0, str(SUPPORT))
from broken_driver import RULES  # noqa: E402  (it takes standard output: what we say goes to standard error)

GOOD = {
    "no_robot.py": f"python3 {DRIVERS}/no_robot.py",
    "no_robot.py --text": f"python3 {DRIVERS}/no_robot.py --text",
    "no_robot.cc": NO_ROBOT,
    "ros2_driver.py": f"python3 {SUPPORT}/fake_ros.py {DRIVERS}/ros2_driver.py",
    "--serve-robot": f"{COLLECT} --serve-robot",
}


def check(command):
    done = subprocess.run([COLLECT, "--check-robot", "exec:" + command, "--robot-timeout", "3", "--json"],
                          capture_output=True, text=True, timeout=300)
    return done, json.loads(done.stdout) if done.stdout else {"rules": []}


def failed(report):
    return [rule["rule"] for rule in report["rules"] if rule["verdict"] == "fails"]


def keeps_all(name):
    done, report = check(GOOD[name])
    unchecked = [rule["rule"] for rule in report["rules"] if rule["verdict"] == "not checked"]
    fine = done.returncode == 0 and not failed(report) and set(unchecked) <= {"new_bin", "speed"}
    return [] if fine else [f"{name}: exit status {done.returncode}, {report}, {done.stderr}"]


def breaks_one(fault):
    done, report = check(f"python3 {SUPPORT}/broken_driver.py {fault}")
    fine = done.returncode == 3 and failed(report) == [RULES[fault]]
    return [] if fine else [f"{fault}: exit status {done.returncode}, fails {failed(report)}: {report}, {done.stderr}"]


def still_running():
    left = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        if str(SUPPORT / "broken_driver.py") in arguments:
            left.append(f"still running: {arguments!r}")
    return left


with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
    futures = [pool.submit(keeps_all, name) for name in GOOD] + [pool.submit(breaks_one, fault) for fault in RULES]
    problems = [problem for future in futures for problem in future.result()]
problems += still_running()
rules = {rule["rule"] for rule in check("false")[1]["rules"]}
if rules != set(RULES.values()):
    problems.append(f"rules that no driver breaks: {rules - set(RULES.values())}")
print("\n".join(problems), file=sys.stderr)
sys.exit(1 if problems else 0)
