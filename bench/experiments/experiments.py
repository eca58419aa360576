#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares recipes of learning: each arm is trained with several seeds and tried in the same scenes.

usage: experiments.py run ARMS.json FOLDER [--bin DIR] [--seeds N] [--scenes N] [--sets SET,...] [--halving]
       experiments.py table FOLDER [--sets SET,...]
       experiments.py final FOLDER ARM [--bin DIR] [--scenes N] [--sets SET,...]

`run` trains every arm with seed 1, then every arm with seed 2, and so on, and appends a row for each policy and set to
FOLDER/results.csv. Interrupted, it goes on with the stage that was not finished. With --halving the worse half of the
arms is left out after each seed; the first arm is what the others are compared with and always stays.
`table` prints success with a 95 % interval over all seeds, the spread of the seeds, the difference to the first arm in
the same scenes, and the processor time. `final` tries an arm in scenes that `run` never sees, and notes each use in
FOLDER/final.log: whoever chooses by these scenes has none left to measure with.

A set is one of qt-eval's --objects, with flags if need be: h2, or "h2 --looks strong". ARMS.json:

  {"common": {"collect": "--epsilon 0.2", "train": "--threads 1"},
   "arms": {"today": [{"grasps": 2000, "steps": 1500}, {"grasps": 1000, "steps": 1000}],
            "less":  [{"grasps": 1000, "steps": 1500, "collect": "...", "train": "--learning-rate 2e-4"}]}}

A stage collects grasps (the first one by the script, the others by the policy so far), labels them from pictures, and
takes that many further gradient steps on all grasps so far. Everything is repeatable by the seed. A stage of no grasps
with "spool": "../../ARM/seed-1/spool" learns from the grasps of another arm, which tells ways of learning apart.
"""

import argparse
import csv
import datetime
import json
import math
import os
import pathlib
import resource
import shlex
import shutil
import subprocess
import sys

DEVELOPMENT_SEED, FINAL_SEED = 2000, 3000
Z_95 = 1.959964
COLUMNS = ["arm", "seed", "set", "scenes", "successes", "rate", "lower", "upper", "grasps", "steps", "cpu_hours"]


def wilson(successes, count):
    """The 95 % interval of a rate."""
    rate, z2 = successes / count, Z_95**2
    centre = (rate + z2 / (2 * count)) / (1 + z2 / count)
    half = Z_95 / (1 + z2 / count) * math.sqrt(rate * (1 - rate) / count + z2 / (4 * count**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def shell(command, folder, arguments):
    """Runs a pipeline in a folder; the processor seconds of all its programs."""
    path = f"{arguments.bin.resolve()}:{os.environ['PATH']}" if arguments.bin else os.environ["PATH"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env={**os.environ, "PATH": path}, check=False)
    if done.returncode != 0:
        sys.exit(f"experiments: status {done.returncode} of: cd {folder}; {command}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def train_stage(folder, number, stages, seed, common, arguments):
    """One stage in the folder of an arm and seed; nothing if it is done already. Leaves policy-NUMBER.safetensors."""
    policy = folder / f"policy-{number}.safetensors"
    if policy.exists():
        return
    stage, first = stages[number], number == 0
    flags = {kind: f"{common.get(kind, '')} {stage.get(kind, '')}" for kind in ("collect", "train")}
    spent_s = 0.0
    episodes = folder / "spool" / f"stage-{number}.mcap"
    if not episodes.exists() and stage["grasps"] > 0:
        episodes.parent.mkdir(exist_ok=True)
        acting = "scripted" if first else f"policy-{number - 1}.safetensors"
        spent_s += shell(f"qt-collect -q -n {stage['grasps']} --policy {acting} --seed {100 * seed + number} {flags['collect']} | "
                         "qt-label -q --force -o unfinished.mcap", folder, arguments)
        (folder / "unfinished.mcap").rename(episodes)
    steps = sum(one["steps"] for one in stages[:number + 1])
    spent_s += shell(f"qt-train -q {stage.get('spool', 'spool')} -o run {'--force' if first else '--resume'} --steps {steps} --seed {seed} "
                     f"--checkpoint-steps 1000000 {flags['train']}", folder, arguments)
    with open(folder / "cost_s", "a", encoding="utf-8") as cost:
        cost.write(f"{number} {spent_s:.1f}\n")
    shutil.copy(folder / "run" / "policy.safetensors", folder / "policy.tmp")
    (folder / "policy.tmp").rename(policy)


def evaluate(folder, policy, chosen, seed, arguments):
    """Successes by scene, from FOLDER/SET.SEED.jsonl, which is made if it is not there."""
    log = folder / f"{chosen.replace(' ', '')}.{seed}.{arguments.scenes}.jsonl"
    if not log.exists():
        shell(f"qt-eval {policy} -q -n {arguments.scenes} --objects {chosen} --seed {seed} --force --episodes unfinished.jsonl "
              "> /dev/null", folder, arguments)
        (folder / "unfinished.jsonl").rename(log)
    return [bool(json.loads(line)["success"]) for line in log.read_text(encoding="utf-8").splitlines()]


def cpu_hours(folder):
    return sum(float(line.split()[1]) for line in (folder / "cost_s").read_text().splitlines()) / 3600


def row_of(arm, seed, chosen, successes, folder, stages):
    lower, upper = wilson(sum(successes), len(successes))
    return [arm, seed, chosen, len(successes), sum(successes), f"{sum(successes) / len(successes):.4f}", f"{lower:.4f}",
            f"{upper:.4f}", sum(s["grasps"] for s in stages), sum(s["steps"] for s in stages), f"{cpu_hours(folder):.4f}"]


def known_rows(results):
    if not results.exists():
        return []
    with open(results, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def train_and_try(arm, seed, plan, arguments):
    folder = arguments.folder / arm / f"seed-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    stages = plan["arms"][arm]
    for number in range(len(stages)):
        train_stage(folder, number, stages, seed, plan.get("common", {}), arguments)
    results = arguments.folder / "results.csv"
    done = {(row["arm"], row["seed"], row["set"], row["scenes"]) for row in known_rows(results)}
    for chosen in arguments.sets:
        if (arm, str(seed), chosen, str(arguments.scenes)) in done:
            continue
        successes = evaluate(folder, f"policy-{len(stages) - 1}.safetensors", chosen, DEVELOPMENT_SEED, arguments)
        fresh = not results.exists()
        with open(results, "a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if fresh:
                writer.writerow(COLUMNS)
            writer.writerow(row_of(arm, seed, chosen, successes, folder, stages))


def mean_rate(arm, rows):
    rates = [float(row["rate"]) for row in rows if row["arm"] == arm]
    return sum(rates) / len(rates)


def run(arguments):
    plan = json.loads(arguments.arms.read_text(encoding="utf-8"))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.arms, arguments.folder / "arms.json")
    arms = list(plan["arms"])
    for seed in range(1, arguments.seeds + 1):
        for arm in arms:
            train_and_try(arm, seed, plan, arguments)
        if arguments.halving and len(arms) > 2:
            rows = known_rows(arguments.folder / "results.csv")
            others = sorted(arms[1:], key=lambda arm: -mean_rate(arm, rows))
            arms = arms[:1] + others[:math.ceil(len(others) / 2)]
    table(arguments)


def difference(mine, other):
    """Mean and 95 % half width, in points, of the paired difference: {seed: successes by scene} of both."""
    seeds = sorted(set(mine) & set(other))
    scenes = range(min(len(outcomes) for outcomes in [*mine.values(), *other.values()]))
    each = [sum(mine[s][i] - other[s][i] for s in seeds) / len(seeds) for i in scenes]
    mean = sum(each) / len(each)
    variance = sum((x - mean)**2 for x in each) / (len(each) - 1)
    return 100 * mean, 100 * Z_95 * math.sqrt(variance / len(each))


def outcomes_of(folder, arm, chosen):
    found = {}
    for log in sorted((folder / arm).glob(f"seed-*/{chosen.replace(' ', '')}.{DEVELOPMENT_SEED}.*.jsonl")):
        found[log.parent.name] = [bool(json.loads(line)["success"]) for line in log.read_text().splitlines()]
    return found


def table(arguments):
    plan = json.loads((arguments.folder / "arms.json").read_text(encoding="utf-8"))
    first = next(iter(plan["arms"]))
    print("| arm | set | seeds | success | 95 % interval | each seed | to the first arm | processor minutes |")
    print("| --- | --- | ---: | ---: | --- | --- | --- | ---: |")
    for chosen in arguments.sets:
        base = outcomes_of(arguments.folder, first, chosen)
        for arm in plan["arms"]:
            by_seed = outcomes_of(arguments.folder, arm, chosen)
            if not by_seed:
                continue
            wins, count = sum(map(sum, by_seed.values())), sum(map(len, by_seed.values()))
            lower, upper = wilson(wins, count)
            each = ", ".join(f"{100 * sum(outcomes) / len(outcomes):.1f}" for outcomes in by_seed.values())
            against = "-" if arm == first else "{:+.1f} ± {:.1f}".format(*difference(by_seed, base))
            minutes = sum(60 * cpu_hours(arguments.folder / arm / seed) for seed in by_seed) / len(by_seed)
            print(f"| {arm} | {chosen} | {len(by_seed)} | {100 * wins / count:.1f} % | {100 * lower:.1f} to {100 * upper:.1f} | "
                  f"{each} | {against} | {minutes:.1f} |")


def final(arguments):
    plan = json.loads((arguments.folder / "arms.json").read_text(encoding="utf-8"))
    last = len(plan["arms"][arguments.arm]) - 1
    for folder in sorted((arguments.folder / arguments.arm).glob("seed-*")):
        for chosen in arguments.sets:
            successes = evaluate(folder, f"policy-{last}.safetensors", chosen, FINAL_SEED, arguments)
            lower, upper = wilson(sum(successes), len(successes))
            line = (f"{datetime.date.today()} {arguments.arm} {folder.name} {chosen}: {sum(successes)} of {len(successes)}, "
                    f"{100 * lower:.1f} to {100 * upper:.1f} %")
            print(line)
            with open(arguments.folder / "final.log", "a", encoding="utf-8") as log:
                log.write(line + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in {"run": run, "table": table, "final": final}.items():
        command = commands.add_parser(name)
        command.set_defaults(does=does)
        if name == "run":
            command.add_argument("arms", type=pathlib.Path)
            command.add_argument("--seeds", type=int, default=3)
            command.add_argument("--halving", action="store_true")
        command.add_argument("folder", type=pathlib.Path)
        if name == "final":
            command.add_argument("arm")
        command.add_argument("--bin", type=pathlib.Path, help="the tools' folder; default: PATH")
        command.add_argument("--scenes", type=int, default=300)
        command.add_argument("--sets", type=lambda text: text.split(","), default=["h1", "h2"])
    arguments = parser.parse_args()
    arguments.does(arguments)


if __name__ == "__main__":
    main()
