#!/usr/bin/env python3
"""The mean of the weights of policies that were trained one from the other, as a policy.

  bench/average_policies.py OUT.safetensors POLICY.safetensors...

Everything but the weights is that of the last one, whose metadata also name the SHA-256 of all of them (`average_of`).
"""
import array
import hashlib
import json
import struct
import sys


def read(path):
    """Header and data of a safetensors file of F32 arrays, and its digest."""
    with open(path, "rb") as file:
        contents = file.read()
    data_at = 8 + struct.unpack("<Q", contents[:8])[0]
    header = json.loads(contents[8:data_at])
    shapes = {name: (tensor["dtype"], tensor["shape"], tensor["data_offsets"])
              for name, tensor in header.items() if name != "__metadata__"}
    if any(dtype != "F32" for dtype, _, _ in shapes.values()):
        sys.exit(f"average_policies.py: {path}: not all of it is F32")
    return header, shapes, array.array("f", contents[data_at:]), hashlib.sha256(contents).hexdigest()


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    out, *paths = sys.argv[1:]
    policies = [read(path) for path in paths]
    header, shapes, _, _ = policies[-1]
    for path, policy in zip(paths, policies):
        if policy[1] != shapes:
            sys.exit(f"average_policies.py: {path}: its tensors are not those of {paths[-1]}")
    mean = array.array("f", [sum(values) / len(policies) for values in zip(*(policy[2] for policy in policies))])
    header["__metadata__"]["average_of"] = json.dumps([policy[3] for policy in policies])
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(out, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + mean.tobytes())


main()
