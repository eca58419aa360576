#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One policy out of several of the same architecture and task.

  bench/merge_policies.py average OUT.safetensors POLICY.safetensors...    the mean of their weights
  bench/merge_policies.py ensemble OUT.safetensors POLICY.safetensors...   all their networks, whose mean is Q

`average` is for policies that were trained one from the other, `ensemble` for those that were not. The metadata are those of
the last policy; `average_of` names the SHA-256 of all, `training` of an ensemble has what is known of each (formats/model/SPEC.md).
"""
import array
import hashlib
import json
import os
import struct
import sys


class Policy:
    """Metadata, tensors and data of a policy with one network, and the digest of its file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            contents = file.read()
        data_at = 8 + struct.unpack("<Q", contents[:8])[0]
        self.tensors = json.loads(contents[8:data_at])
        self.metadata = self.tensors.pop("__metadata__")
        self.data = contents[data_at:]
        self.digest = hashlib.sha256(contents).hexdigest()
        if any(tensor["dtype"] != "F32" for tensor in self.tensors.values()):
            fail(f"{path}: not all of it is F32")
        if "networks" in self.metadata:
            fail(f"{path}: this is an ensemble already")

    def fits(self, other):
        """The same arrays at the same places, to act in the same task by the same search."""
        keys = ("network", "task", "cem")
        return self.tensors == other.tensors and all(self.metadata[key] == other.metadata[key] for key in keys)


def fail(message):
    sys.exit(f"merge_policies.py: {message}")


def average(policies):
    last = policies[-1]
    weights = [array.array("f", policy.data) for policy in policies]
    mean = array.array("f", [sum(values) / len(values) for values in zip(*weights)])
    return last.tensors, {**last.metadata, "average_of": json.dumps([p.digest for p in policies])}, mean.tobytes()


def ensemble(policies):
    tensors, at = {}, 0
    for i, policy in enumerate(policies):
        for name, tensor in policy.tensors.items():
            begin, end = tensor["data_offsets"]
            tensors[name.replace("policy/", f"policy.{i}/", 1)] = {**tensor, "data_offsets": [at + begin, at + end]}
        at += len(policy.data)
    members = [{"sha256": policy.digest, **{key: json.loads(policy.metadata[key])
                                            for key in ("step", "training", "average_of") if key in policy.metadata}}
               for policy in policies]
    metadata = {key: policies[-1].metadata[key] for key in ("format", "network", "task", "cem")}
    metadata["networks"] = str(len(policies))
    metadata["step"] = str(sum(member["step"] for member in members))
    metadata["training"] = json.dumps({"members": members}, separators=(",", ":"))
    return tensors, metadata, b"".join(policy.data for policy in policies)


def main():
    merges = {"average": average, "ensemble": ensemble}
    if len(sys.argv) < 4 or sys.argv[1] not in merges:
        sys.exit(__doc__)
    how, out, *paths = sys.argv[1:]
    policies = [Policy(path) for path in paths]
    for path, policy in zip(paths, policies):
        if not policy.fits(policies[-1]):
            fail(f"{path}: its network, task or search is not that of {paths[-1]}")
    tensors, metadata, data = merges[how](policies)
    header = json.dumps({"__metadata__": metadata, **tensors}, separators=(",", ":"), ensure_ascii=False).encode()
    header += b" " * (-len(header) % 8)
    with open(out + ".tmp", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)
    os.replace(out + ".tmp", out)


main()
