# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder know about episode files without asking our own reader."""

import pathlib
import struct
import subprocess

MAGIC = b"\x89MCAP0\r\n"
CHUNK = 0x06


def chunk_ends(data):
    """Where each complete chunk (each complete episode) of the bytes ends."""
    ends = []
    at = len(MAGIC)
    assert data[:at] == MAGIC[:len(data)]
    while at + 9 <= len(data):
        opcode, length = struct.unpack_from("<BQ", data, at)
        at += 9 + length
        if at > len(data):
            break
        if opcode == CHUNK:
            ends.append(at)
        if data[at:at + 8] == MAGIC:  # the end of a file
            break
    return ends


def num_episodes(path):
    return len(chunk_ends(pathlib.Path(path).read_bytes()))


def temporaries(folder):
    return sorted(p for p in pathlib.Path(folder).iterdir() if p.name.startswith(".") and p.name.endswith(".tmp"))


def dump(qt_data, paths, expected_exits=(0,)):
    """The episodes as qt-data reads them, one line each."""
    done = subprocess.run([qt_data, "dump", *map(str, paths)], capture_output=True, check=False)
    assert done.returncode in expected_exits, (paths, done.returncode, done.stderr.decode())
    return done.stdout.splitlines()
