#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gradient step of `aligned`, ours against the same one written plainly in PyTorch.

Both start from the same weights and see the same ten batches, targets included. Ours and the peer's
turns alternate; times are of the processor, one thread each. Exit status 1: a loss differs by more than
1e-4. Needs python3-torch (./setup --extras).
usage: update.py BENCH_PEER [TURNS [STEPS]]
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time

import networks
import safetensors
import torch
import torch.nn.functional as F


class Trainer:
    def __init__(self, folder):
        start, _ = safetensors.load(f"{folder}/start.safetensors")
        batches, _ = safetensors.load(f"{folder}/batches.safetensors")
        self.online, self.polyak = networks.Aligned(), networks.Aligned()
        self.online.load_state_dict(safetensors.module_state(start, "online"))
        self.polyak.load_state_dict(safetensors.module_state(start, "polyak"))
        self.optimizer = torch.optim.AdamW(self.online.parameters(), lr=7e-4, weight_decay=1e-4)
        names = ("image", "grid", "scalars", "target", "weight")
        self.batches = [[batches[f"{name}.{i}"] for name in names] for i in range(10)]
        self.steps = 0

    def step(self, batch):
        image, grid, scalars, target, weight = batch
        self.optimizer.zero_grad()
        logits = self.online(image, grid, scalars)
        loss = F.binary_cross_entropy_with_logits(logits, target, weight, reduction="sum") / weight.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.online.parameters(), 10)
        self.optimizer.step()
        self.steps += 1
        decay = min(0.995, self.steps / (self.steps + 9))
        with torch.no_grad():
            for average, weights in zip(self.polyak.parameters(), self.online.parameters()):
                average.lerp_(weights, 1 - decay)
            q = torch.sigmoid(logits)
            mean = lambda x: ((x * weight).sum() / weight.sum()).item()
            metrics = (loss.item(), mean(q), mean(target), mean((q - target).abs()))
        return metrics[0]

    def time_steps(self, count):
        times = []
        for i in range(count):
            start = time.process_time()
            self.step(self.batches[i % 10])
            times.append((time.process_time() - start) * 1e3)
        return statistics.median(times)


def main():
    binary = sys.argv[1]
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    torch.set_num_threads(1)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        trainer = None
        for _ in range(turns):
            out = subprocess.run([binary, "update", folder, str(steps)], check=True, capture_output=True, text=True)
            result = json.loads(out.stdout)
            ours.append(result["step_cpu_ms"])
            if trainer is None:
                trainer = Trainer(folder)
                losses = [trainer.step(batch) for batch in trainer.batches]
                worst = max(abs(a - b) for a, b in zip(losses, result["losses"]))
            theirs.append(trainer.time_steps(steps))
    print(
        json.dumps(
            {
                "largest_loss_difference": worst,
                "ours_ms": round(statistics.median(ours), 2),
                "pytorch_ms": round(statistics.median(theirs), 2),
                "ratio": round(statistics.median(b / a for a, b in zip(ours, theirs)), 3),
                "ratios": [round(b / a, 2) for a, b in zip(ours, theirs)],
                "pytorch": torch.__version__,
            }
        )
    )
    return 0 if worst <= 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main())
