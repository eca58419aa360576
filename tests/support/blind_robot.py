#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A robot that does not know whether it grasped: starts a driver (formats/robot/SPEC.md) that speaks in frames, and
hands on all that it says but the truth, which goes to a file, one word a drop test.

usage: blind_robot.py TRUTH_FILE COMMAND...
"""

import json
import struct
import subprocess
import sys
import threading


def answers_of(stream):
    """(text, picture) of each frame."""
    while head := stream.read(8):
        size, text_size = struct.unpack("<II", head)
        rest = stream.read(size - 4)
        yield json.loads(rest[:text_size]), rest[text_size:]


def frame_of(message, picture):
    text = json.dumps(message).encode()
    if (4 + len(text) + len(picture)) & 0xFF == 0x7B:  # a brace would say that lines follow
        text += b" "
    return struct.pack("<II", 4 + len(text) + len(picture), len(text)) + text + picture


def main():
    driver = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask():
        for line in sys.stdin.buffer:
            driver.stdin.write(line)
            driver.stdin.flush()
        driver.stdin.close()

    threading.Thread(target=ask, daemon=True).start()
    with open(sys.argv[1], "a", buffering=1, encoding="utf-8") as truths:
        for message, picture in answers_of(driver.stdout):
            if "truth" in message:
                truths.write(json.dumps(message.pop("truth")) + "\n")
                message.pop("truth_config", None)
            sys.stdout.buffer.write(frame_of(message, picture))
            sys.stdout.buffer.flush()
    driver.wait()


if __name__ == "__main__":
    main()
