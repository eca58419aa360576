# SPDX-License-Identifier: Apache-2.0
"""Reads a safetensors file (formats/model/SPEC.md): {name: torch tensor}, {key: text}."""

import json
import struct

import torch

DTYPES = {"F32": torch.float32, "I64": torch.int64}


def load(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        part = bytearray(data[8 + length + begin : 8 + length + end])
        dtype = DTYPES[entry["dtype"]]
        flat = torch.frombuffer(part, dtype=dtype) if len(part) > 0 else torch.empty(0, dtype=dtype)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata


def module_state(tensors, prefix):
    """The tensors of one network, by their names in it."""
    return {name[len(prefix) + 1 :]: tensor for name, tensor in tensors.items() if name.startswith(prefix + "/")}
