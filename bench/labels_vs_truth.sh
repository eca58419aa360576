#!/usr/bin/env bash
# Whether training on labels read off pictures and fingers costs anything against training on the simulator's truth:
# grasps are collected once and carry both labels; two policies are trained on the same episodes with the same seed, one
# by each label, and tried in the same scenes of unseen objects. Prints one line of JSON for each seed, and the paired
# difference (vote less truth) over all of them with its 95 % interval and McNemar's exact p. About 3,000 grasps and 5,000
# gradient steps for a seed. Run again, it goes on from where it was.
#
#   bench/labels_vs_truth.sh FOLDER [ATTEMPTS [SEED...]]
set -euo pipefail
work=${1:?usage: bench/labels_vs_truth.sh FOLDER [ATTEMPTS [SEED...]]}
attempts=${2:-400}
seeds=("${@:3}")
if [ ${#seeds[@]} = 0 ]; then seeds=(1); fi
steps=2500 scripted_episodes=2000 noisy_episodes=1000
mkdir -p "$work"
cd "$work"

collect() { # SEED
  [ ! -e "episodes-$1.mcap" ] || return 0
  qt-collect -q -n "$scripted_episodes" --policy scripted --epsilon 0.25 --seed "$1" -o scripted.mcap --force
  qt-collect -q -n "$noisy_episodes" --policy scripted:noise --seed "$1" -o noisy.mcap --force
  qt-label -q scripted.mcap noisy.mcap -o unfinished.mcap --force
  mv unfinished.mcap "episodes-$1.mcap"
  rm scripted.mcap noisy.mcap
}

train() { # SEED LABEL
  [ ! -e "$2-$1.safetensors" ] || return 0
  qt-train -q "episodes-$1.mcap" -o "run-$2-$1" --force --label "$2" --steps "$steps" --seed "$1" --threads 1 \
    --checkpoint-steps 1000000
  cp "run-$2-$1/policy.safetensors" "$2-$1.safetensors"
}

for seed in "${seeds[@]}"; do
  collect "$seed"
  qt-label --audit sim "episodes-$seed.mcap" >&2
  for label in vote sim; do train "$seed" "$label"; done
  [ -e "eval-$seed.json" ] ||
    { qt-eval "vote-$seed.safetensors" --against "sim-$seed.safetensors" -n "$attempts" --objects test \
      --seed $((3000 + seed)) -q --json > unfinished.json && mv unfinished.json "eval-$seed.json"; }
done
python3 - "${seeds[@]}" << 'END'
import json, math, sys

total = dict.fromkeys(("both", "only_first", "only_second", "neither"), 0)
for seed in sys.argv[1:]:
    with open(f"eval-{seed}.json") as file:
        report = json.load(file)
    pairs = {key: report["paired"][key] for key in total}
    print(json.dumps({"seed": int(seed), "vote": report["success"]["rate"],
                      "truth": report["against"]["success"]["rate"], **pairs}))
    for key in total:
        total[key] += pairs[key]
n, b, c = sum(total.values()), total["only_first"], total["only_second"]
# Agresti and Min's interval, as qt-eval has it: half a pair is added to each count.
b2, c2, n2 = b + 0.5, c + 0.5, n + 2
middle = (b2 - c2) / n2
half = 1.96 * math.sqrt(b2 + c2 - (b2 - c2) ** 2 / n2) / n2
tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
print(json.dumps({"pairs": n, "vote_less_truth": (b - c) / n, "interval": [middle - half, middle + half],
                  "p_value": min(1, 2 * tail)}))
END
