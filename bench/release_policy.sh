#!/usr/bin/env bash
# From nothing to a policy worth releasing: scripted grasps, then rounds of exploring with the learned policy and training
# on. Prints the evaluation on h1 and h2 after the last round. About 45 minutes on two cores with the defaults.
#
#   bench/release_policy.sh FOLDER [ROUNDS]
set -euo pipefail
work=${1:?usage: bench/release_policy.sh FOLDER [ROUNDS]}
rounds=${2:-6}
mkdir -p "$work/spool"

collect() { qt-collect -q "$@" | qt-label -q -o "$work/spool/"; }

collect -n 3000 --policy scripted --epsilon 0.2 --seed 100
qt-train -q "$work/spool/" -o "$work/run" --steps 2000 --updaters 1 --seed 1
for round in $(seq "$rounds"); do
  collect -n 1000 --policy "$work/run/policy.safetensors" --epsilon 0.2 --seed $((100 + round))
  qt-train -q "$work/spool/" -o "$work/run" --resume --steps $((2000 + 1500 * round)) --updaters 1 --seed 1
  qt-eval "$work/run/policy.safetensors" -n 200 --objects h1 --seed 2000 --json >> "$work/curve.jsonl"
done
for objects in h1 h2; do
  qt-eval "$work/run/policy.safetensors" -n 714 --objects "$objects" --seed 3000
done
