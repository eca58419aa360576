#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A robot driver that answers each request with what another one answered to the request of that number.

usage: replay_driver.py ANSWERS
"""

import json
import pathlib
import struct
import sys


def frames(data):
    """(message, its bytes) of a recorded stream of either framing (formats/serve/SPEC.md, section 1)."""
    at = 0
    while at < len(data):
        if data[0] == ord("{"):
            end = data.index(b"\n", at) + 1
            yield json.loads(data[at:end]), data[at:end]
        else:
            total, header = struct.unpack_from("<II", data, at)
            end = at + 4 + total
            yield json.loads(data[at + 8:at + 8 + header]), data[at:end]
        at = end


def main(path):
    answers = {}
    for message, data in frames(pathlib.Path(path).read_bytes()):
        answers.setdefault(message.get("id"), []).append(data)  # the hello has none
    for line in sys.stdin:
        request = json.loads(line)
        if request["type"] == "stop":
            break
        for data in answers[request.get("id")]:
            sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
