#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether two versions of the tools give the same episodes, labels, losses and weights for the same seeds, bit for bit.

usage: bench/same_results.py OLD_BIN NEW_BIN     prints a line a check; exit status 1 if one differs

"near" is what rounding explains: losses of 40 steps and the weights after them that differ by less than NEAR.
"""

import array
import hashlib
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

POLICY = pathlib.Path(__file__).resolve().parent.parent / "models/aligned-64.safetensors"
SCENES = {
    "plain": [],
    "learned termination, raw pictures": ["--termination", "learned", "--image", "raw"],
    "h3, strong looks": ["--objects", "h3", "--looks", "strong", "--camera-jitter", "1"],
    "nuisances": ["--jpeg-quality", "50-95", "--camera-noise", "4", "--light-drift", "0.3", "--bump", "1"],
    "wrist camera, arm, knocked": ["--camera", "wrist", "--arm", "iiwa", "--disturb", "knock", "--epsilon", "0.3"],
    "wide pictures, shadows": ["--image-size", "96x64", "--shadows", "on", "--no-gripper-view"],
}
NEAR = 1e-3
# Names the version, or what is derived from the command line that made it.
VERSIONED = {"tool", "id", "run_id"}


def run(bin_dir, *words):
    environment = dict(os.environ, PATH=f"{bin_dir}:{os.environ['PATH']}")
    done = subprocess.run(words, capture_output=True, env=environment, check=False)
    if done.returncode != 0:
        sys.exit(f"{bin_dir}: {' '.join(words)}: exit status {done.returncode}\n{done.stderr.decode()}")
    return done.stdout.decode()


def dump(bin_dir, path):
    """Every key of every episode but those that name the version, and the bytes of all pictures."""
    pictures = f"{path}.pictures"
    episodes = []
    for line in run(bin_dir, "qt-data", "dump", path, "--images", pictures, "--force").splitlines():
        episode = json.loads(line)
        episodes.append(re.sub(re.escape(episode["id"]), "ID", json.dumps(
            {key: value for key, value in episode.items() if key not in VERSIONED})))
    digest = hashlib.sha256()
    for file in sorted(pathlib.Path(pictures).rglob("*")):
        if file.is_file():
            digest.update(file.read_bytes())
    return episodes, digest.hexdigest()


def weights(path):
    data = pathlib.Path(path).read_bytes()
    numbers = array.array("f")
    numbers.frombytes(data[8 + struct.unpack("<Q", data[:8])[0]:])
    return list(numbers)


def losses(path):
    keys = ("step", "loss", "q_mean", "target_mean", "td_error", "grad_norm")
    return [line[key] for line in map(json.loads, pathlib.Path(path).read_text().splitlines()) for key in keys]


def results_of(bin_dir):
    results = {}
    for name, flags in SCENES.items():
        run(bin_dir, "qt-collect", "-n", "6", "--seed", "5", "-q", "-o", "e.mcap", "--force", *flags)
        results[f"episodes, {name}"] = dump(bin_dir, "e.mcap")
        run(bin_dir, "qt-label", "-q", "e.mcap", "-o", "l.mcap", "--force")
        results[f"labels, {name}"] = dump(bin_dir, "l.mcap")
    run(bin_dir, "qt-collect", "-n", "40", "--seed", "9", "--epsilon", "0.2", "-q", "-o", "e.mcap", "--force")
    run(bin_dir, "qt-label", "-q", "e.mcap", "-o", "l.mcap", "--force")
    for name, flags in {"aligned": [], "add": ["--merge", "add"], "sgd": ["--optimizer", "sgd", "--targets", "returns"]}.items():
        folder = f"run-{name}"
        run(bin_dir, "qt-train", "l.mcap", "-o", folder, "--steps", "40", "--log-steps", "1", "--seed", "2",
            "--batch-size", "16", "-q", *flags)
        results[f"losses, {name}"] = losses(f"{folder}/metrics.jsonl")
        results[f"weights, {name}"] = weights(f"{folder}/policy.safetensors")
    run(bin_dir, "qt-collect", "-n", "4", "--seed", "3", "--policy", str(POLICY), "-q", "-o", "p.mcap", "--force")
    results["episodes of a learned policy"] = dump(bin_dir, "p.mcap")
    return results


def verdict(old, new):
    if old == new:
        return "same"
    if not isinstance(old, list) or len(old) != len(new):
        return "DIFFERS"
    apart = max(abs(a - b) / (1 + abs(a)) for a, b in zip(old, new))
    return f"near ({apart:.1g})" if apart < NEAR else "DIFFERS"


def main(old_bin, new_bin):
    here = os.getcwd()
    found = []
    for bin_dir in (old_bin, new_bin):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            found.append(results_of(str((pathlib.Path(here) / bin_dir).resolve())))
            os.chdir(here)
    verdicts = {name: verdict(found[0][name], found[1][name]) for name in found[0]}
    for name, said in verdicts.items():
        print(f"{said}  {name}")
    return 1 if "DIFFERS" in verdicts.values() else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
