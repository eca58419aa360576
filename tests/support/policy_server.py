#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A policy server (formats/serve/SPEC.md) whose action depends on the episode's seed and the step alone."""

import json
import sys

HELLO = {"type": "hello", "protocol": 1, "server": "test policy 1",
         "model": {"name": "hash", "digest": "d", "step": 1}, "task": {"termination": "rule"},
         "image": {"width_px": 64, "height_px": 64}, "needs_camera": False}


def action_of(seed, step):
    draw = (seed * 6364136223846793005 + step * 1442695040888963407) % 2**64
    x, y, z = (((draw >> shift) % 1000) / 1000 - 0.5 for shift in (10, 25, 40))
    if step % 4 == 3:
        return [0, 0, 0, 0, 1, 0, 1, 0]
    return [0.2 * x, 0.2 * y, 0.3 * z, 0, 1, 0, 0, 0]


for line in sys.stdin:
    request = json.loads(line)
    if request["type"] == "hello":
        answer = HELLO
    elif request["type"] == "act":
        answer = {"type": "action", "id": request["id"], "action": action_of(int(request["seed"]), request["step"]),
                  "source": "scripted"}
    else:
        continue
    print(json.dumps(answer), flush=True)
