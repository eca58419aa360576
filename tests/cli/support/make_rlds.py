#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a small data set laid out as the published QT-Opt data: three TFRecord shards with the two files that describe
them. It shares no code with the importer.

usage: make_rlds.py DIR
"""

import json
import pathlib
import struct
import sys
import zlib

# A JPEG up to its frame header: 16 x 16 pixels, one component, no data.
JPEG = bytes.fromhex("ffd8 ffc0 000b 08 0010 0010 01 011100 ffd9")
OBSERVATION, ACTION = "steps/observation/", "steps/action/"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def framed(data):
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def varint(value):
    out = b""
    value &= (1 << 64) - 1
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def strings(*values):
    return field(1, b"".join(field(1, value) for value in values))


def floats(*values):
    return field(2, field(1, struct.pack(f"<{len(values)}f", *values)))


def ints(*values):
    return field(3, field(1, b"".join(map(varint, values))))


def deflated(*values):
    return strings(*(zlib.compress(struct.pack("<f", value)) for value in values))


def example(features):
    entries = (field(1, field(1, name.encode()) + field(2, value)) for name, value in features.items())
    return field(1, b"".join(entries))


def episode(success):
    return example({
        OBSERVATION + "image": strings(JPEG, JPEG),
        OBSERVATION + "natural_language_instruction": strings(b"pick", b"pick"),
        OBSERVATION + "natural_language_embedding": floats(*[0.5] * 8),
        OBSERVATION + "gripper_closed": deflated(0, 1),
        OBSERVATION + "height_to_bottom": floats(0.25, 0.125),
        ACTION + "world_vector": floats(0.5, 0, -0.25, 0, 0, 0.5),
        ACTION + "rotation_delta": floats(0, 0, 0, 0, 0, 0),
        ACTION + "gripper_closedness_action": floats(1, 0),
        ACTION + "terminate_episode": ints(0, 1, 0, 1, 0, 0),
        "steps/is_first": ints(1, 0),
        "steps/is_last": ints(0, 1),
        "steps/is_terminal": ints(0, 1),
        "steps/reward": floats(0, float(success)),
        "success": ints(int(success)),
    })


def dictionary(items):
    return {"featuresDict": {"features": items}}


def tensor(dtype, encoding):
    return {"tensor": {"shape": {"dimensions": ["1"]}, "dtype": dtype, "encoding": encoding}}


FEATURES = dictionary({
    "steps": {"sequence": {"feature": dictionary({
        "is_first": tensor("bool", "none"),
        "observation": dictionary({
            "image": {"image": {"shape": {"dimensions": ["16", "16", "3"]}, "encodingFormat": "jpeg"}},
            "gripper_closed": tensor("float32", "zlib"),
        }),
    })}},
})
SHARDS = [[True], [False, True], [False]]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True)
    for number, shard in enumerate(SHARDS):
        name = f"kuka-train.tfrecord-{number:05d}-of-{len(SHARDS):05d}"
        (folder / name).write_bytes(b"".join(framed(episode(success)) for success in shard))
    info = {"name": "kuka", "version": "0.1.0", "fileFormat": "tfrecord",
            "splits": [{"name": "train", "shardLengths": [str(len(shard)) for shard in SHARDS]}]}
    (folder / "dataset_info.json").write_text(json.dumps(info))
    (folder / "features.json").write_text(json.dumps(FEATURES))


main()
