#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to a policy: scripted grasps, then rounds of exploring with the learned policy and training on. The released policy is
# made of several (bench/release_ensemble.sh).
# After each round one line goes to FOLDER/curve.csv: success on 200 fixed scenes of h1 and of h2, beside the grasps, gradient
# steps and processor hours so far. At the end a stretch at a low learning rate; released.safetensors is the mean of the weights
# before and after it, tried in 714 other scenes of each set. Run again with more ROUNDS, it goes on from where it was. Repeatable,
# but for the times.
#
#   bench/release_policy.sh FOLDER [SEED [ROUNDS]]
#   QT_IMAGE_PX=64 bench/release_policy.sh ...           smaller pictures, as the first released policy had
#   QT_TERMINATION=learned bench/release_policy.sh ...   the policy's terminate action ends episodes (ablation A6)
set -euo pipefail
work=${1:?usage: bench/release_policy.sh FOLDER [SEED [ROUNDS]]}
seed=${2:-1}
rounds=${3:-8}
scripted_episodes=3000 round_episodes=1000   # grasps
first_steps=2000 round_steps=1500            # gradient steps
image_px=${QT_IMAGE_PX:-128}
termination=${QT_TERMINATION:-rule}
bench=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work/spool"
cd "$work"   # the files' lineage names paths as they are given here

# From round 4 on the learning rate falls, and so does the noise of exploring. From round 6 on the average that acts is longer, and
# patience costs less: a policy in less of a hurry leaves a bad grip and tries for a better one.
learning_rate() { if (($1 > 3)); then echo 2e-4; else echo 7e-4; fi; }
epsilon() { if (($1 > 3)); then echo 0.1; else echo 0.2; fi; }
polyak() { if (($1 > 5)); then echo 0.999; else echo 0.995; fi; }
patience() { if (($1 > 5)); then echo --discount 0.97 --step-reward -0.01; fi; }
steps() { echo $((first_steps + $1 * round_steps + ($1 > 5 ? ($1 - 5) * 500 : 0))); }

collect() {  # ROUND FLAG...: the episodes of one round, labelled from pictures and fingers
  local round=$1
  shift
  [ ! -e "spool/round-$round.mcap" ] || return 0
  qt-collect -q --image-size "$image_px" --seed $((100 * seed + round)) --termination "$termination" "$@" | qt-label -q --force -o unfinished.mcap
  mv unfinished.mcap "spool/round-$round.mcap"  # only if both have done all of it
}
train() {  # FOLDER STEPS FLAG...
  local run=$1 steps=$2
  shift 2
  qt-train -q spool -o "$run" --steps "$steps" --seed "$seed" --threads 1 --checkpoint-steps 1000000 \
    --labels-per-step 16 --replay-bytes 8G --termination "$termination" "$@"
}
rate() {  # SET: the learned policy's success on the curve's scenes
  qt-eval run/policy.safetensors -n 200 --objects "$1" --seed 2000 -q --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["success"]["rate"])'
}
# Processor seconds of everything that this script has started and waited for.
processor_s() { awk -v ticks_per_s="$(getconf CLK_TCK)" '{ print ($16 + $17) / ticks_per_s }' "/proc/$$/stat"; }
point() {  # ROUND: one line of the learning curve; evaluating is not charged to the policy
  local hours
  hours=$(awk -F, -v spent="$(processor_s)" -v mark="$mark_s" 'NR > 1 { before = $4 }
    END { printf "%.3f", before + (spent - mark) / 3600 }' curve.csv)
  echo "$seed,$((scripted_episodes + $1 * round_episodes)),$(steps "$1"),$hours,$(rate h1),$(rate h2)" \
    >> curve.csv
  cp run/policy.safetensors "policy-$1.safetensors"
  mark_s=$(processor_s)
}

mark_s=$(processor_s)
if [ ! -e policy-0.safetensors ]; then
  echo "seed,grasps,steps,cpu_hours,h1,h2" > curve.csv
  collect 0 -n "$scripted_episodes" --policy scripted --epsilon 0.2
  train run "$first_steps" --force
  point 0
fi
for ((round = 1; round <= rounds; ++round)); do
  [ ! -e "policy-$round.safetensors" ] || continue
  collect "$round" -n "$round_episodes" --policy run/policy.safetensors --epsilon "$(epsilon "$round")"
  # shellcheck disable=SC2046 # several words, or none
  train run "$(steps "$round")" --resume --learning-rate "$(learning_rate "$round")" --polyak "$(polyak "$round")" $(patience "$round")
  point "$round"
done
# In a copy, so that more rounds go on from the run.
rm -rf settled
cp -r run settled
# shellcheck disable=SC2046 # several words, or none
train settled $(($(steps "$rounds") + round_steps)) --resume --learning-rate 1e-4 --polyak "$(polyak "$rounds")" $(patience "$rounds")
"$bench/merge_policies.py" average released.safetensors "policy-$rounds.safetensors" settled/policy.safetensors
for objects in h1 h2; do qt-eval released.safetensors -n 714 --objects "$objects" --seed 3000; done
