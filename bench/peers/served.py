#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A control step asked of qt-serve over its Unix socket, against the same network's in ONNX Runtime and against its bare
multiply-accumulates.

Ours is from the client's request to its answer, decoding the JPEG, two rounds of 64 candidates and choosing between them included;
ONNX Runtime's is the tower and two rounds of the head alone, inputs ready. Same weights: the Q that the server gives to 64 given actions
is that of ONNX Runtime within 1e-4 (else exit status 1). One thread each, times of the clock, turns alternate. Needs what control.py needs.
usage: served.py BENCH_SERVE_PEER QT_SERVE BUILD MODEL [TURNS [ROUNDS]]     MODEL: of `aligned`, one network
"""

import json
import pathlib
import statistics
import subprocess
import sys

from control import HERE, INSTALL, run


def compare(architecture, model, binary, server, build, turns, rounds):
    ours, theirs = [], []
    for turn in range(turns):
        ours.append(run(binary, server, model, build, rounds))
        if turn == 0:
            subprocess.run([sys.executable, "-W", "ignore", HERE / "export.py", architecture, build], check=True)
        theirs.append(run("node", "control.js", architecture, ".", rounds, cwd=build))

    def median(results, key):
        return round(statistics.median(result[key] for result in results), 3)

    ratios = [b["step_ms"] / a["p50_ms"] for a, b in zip(ours, theirs)]
    return {
        "architecture": architecture,
        "socket_p50_ms": median(ours, "p50_ms"),
        "compute_p50_ms": median(ours, "compute_p50_ms"),
        "flop_ms": median(ours, "flop_ms"),
        "onnxruntime_p50_ms": median(theirs, "step_ms"),
        "over_flop": round(statistics.median(a["p50_ms"] / a["flop_ms"] for a in ours), 2),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 2) for ratio in ratios],
        "largest_q_difference": max(result["largest_served_q_difference"] for result in theirs),
        "largest_logit_difference": max(result["largest_logit_difference"] for result in theirs),
    }


def main():
    binary, server, build, model = (pathlib.Path(word).absolute() for word in sys.argv[1:5])
    turns = int(sys.argv[5]) if len(sys.argv) > 5 else 5
    rounds = int(sys.argv[6]) if len(sys.argv) > 6 else 20
    subprocess.run(["bash", INSTALL, HERE, build], check=True)
    for architecture, wanted in (("aligned", model), ("grasping44", "grasping44")):
        print(json.dumps(compare(architecture, wanted, binary, server, build, turns, rounds)), flush=True)


if __name__ == "__main__":
    main()
