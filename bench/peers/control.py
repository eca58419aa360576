#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A control step (tower, two rounds of 64 candidates) of both networks: ours against ONNX Runtime.

Same weights, same inputs; logits must be equal within 1e-4 (else exit status 1). The turns alternate;
times are of the processor, one thread each. Needs python3-torch, npm and node (./setup --extras); the
npm package is installed into BUILD on the first run.
usage: control.py BENCH_PEER BUILD [TURNS [ROUNDS]]
"""

import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
INSTALL = HERE.parent.parent / "tests" / "conformance" / "npm" / "install.sh"


def run(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(architecture, binary, build, turns, rounds):
    ours, theirs = [], []
    for turn in range(turns):
        ours.append(run(binary, "control", architecture, build, rounds))
        if turn == 0:
            subprocess.run([sys.executable, "-W", "ignore", HERE / "export.py", architecture, build], check=True)
        theirs.append(run("node", "control.js", architecture, ".", rounds, cwd=build))

    def medians(results):
        keys = ("tower_cpu_ms", "round_cpu_ms", "step_cpu_ms")
        return {key: round(statistics.median(result[key] for result in results), 2) for key in keys}

    ratios = [b["step_cpu_ms"] / a["step_cpu_ms"] for a, b in zip(ours, theirs)]
    return {
        "architecture": architecture,
        "ours": medians(ours),
        "onnxruntime": medians(theirs),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 2) for ratio in ratios],
        "largest_logit_difference": max(result["largest_logit_difference"] for result in theirs),
    }


def main():
    binary, build = pathlib.Path(sys.argv[1]).absolute(), pathlib.Path(sys.argv[2]).absolute()
    turns = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    subprocess.run(["bash", INSTALL, HERE, build], check=True)
    for architecture in ("grasping44", "aligned"):
        print(json.dumps(compare(architecture, binary, build, turns, rounds)), flush=True)


if __name__ == "__main__":
    main()
