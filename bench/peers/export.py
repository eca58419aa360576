#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From what `bench_peer control` or `bench_serve_peer` wrote to ONNX graphs of the tower and of the head, with their inputs.

Checks that the network written in PyTorch gives the same logits as ours within 1e-4. Writes
ARCHITECTURE-{tower,head}.onnx and ARCHITECTURE-{image,grid,scalars,logits,served_q}.bin (float32; the last
one if the input has it).
usage: export.py ARCHITECTURE DIR
"""

import sys

import networks
import safetensors
import torch


def main():
    architecture, folder = sys.argv[1:]
    tensors, _ = safetensors.load(f"{folder}/{architecture}.safetensors")
    net = networks.Aligned() if architecture == "aligned" else networks.Grasping44()
    net.load_state_dict(safetensors.module_state(tensors, "policy"))
    net.eval()
    image, scalars = tensors["image"], tensors["scalars"]
    tower, head = torch.nn.Module(), torch.nn.Module()
    tower.net = head.net = net
    tower.forward = net.tower
    if architecture == "aligned":
        queries, head.forward = {"grid": tensors["grid"], "scalars": scalars}, net.head
    else:
        queries, head.forward = {"scalars": scalars[0]}, net.head
    with torch.no_grad():
        features = net.tower(image)
        logits = net.head(features, *queries.values())
        worst = (logits.flatten() - tensors["logits"].flatten()).abs().max().item()
        print(f"{architecture}: largest difference of a logit {worst:.2e}")
        options = {"opset_version": 16, "do_constant_folding": True}
        torch.onnx.export(tower, image, f"{folder}/{architecture}-tower.onnx", input_names=["image"],
                          output_names=["features"], **options)
        torch.onnx.export(head, (features, *queries.values()), f"{folder}/{architecture}-head.onnx",
                          input_names=["features", *queries], output_names=["logits"], **options)
    served = {"served_q": tensors["served_q"]} if "served_q" in tensors else {}
    for name, tensor in {"image": image, "logits": tensors["logits"], **served, **queries}.items():
        open(f"{folder}/{architecture}-{name}.bin", "wb").write(tensor.contiguous().numpy().tobytes())
    return 0 if worst <= 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main())
