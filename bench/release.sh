#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to the released policy: networks that explore each with a policy of its own, side by side, and all learn from what any of
# them grasped. First scripted grasps, then rounds of exploring and training on; at the end a stretch at a low learning rate. Of
# each network the mean of the weights before and after that stretch is taken, and of all networks the mean of Q.
# After each round one line goes to FOLDER/curve.csv: success on 200 fixed scenes of h1, h2 and h3, beside the grasps, gradient
# steps (of each network) and processor hours so far. The end is FOLDER/released.safetensors, tried in 714 other scenes of each set.
# Run again it goes on from where it was, with more ROUNDS too. Repeatable, but for the times.
#
#   bench/release.sh FOLDER [SEED [ROUNDS [NETWORKS]]]
#   QT_IMAGE_PX=64 bench/release.sh ...           smaller pictures
#   QT_TERMINATION=learned bench/release.sh ...   the policy's terminate action ends episodes (ablation A6)
set -euo pipefail
work=${1:?usage: bench/release.sh FOLDER [SEED [ROUNDS [NETWORKS]]]}
seed=${2:-1}
rounds=${3:-7}
networks=${4:-2}
scripted_episodes=2000 round_episodes=1000   # grasps of each network
first_steps=2000 round_steps=1500            # gradient steps of each network
image_px=${QT_IMAGE_PX:-128}
termination=${QT_TERMINATION:-rule}
threads=$(($(nproc) > networks ? $(nproc) / networks : 1))
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

each_network() {  # COMMAND ARGUMENT...: with the number of the network as the last argument, side by side
  local network processes=()
  for ((network = 1; network <= networks; ++network)); do
    "$@" "$network" &
    processes+=($!)
  done
  for network in "${processes[@]}"; do wait "$network"; done
}
collect() {  # ROUND NETWORK: the episodes of one round, labelled from pictures and fingers
  local round=$1 network=$2 to=spool/round-$1-network-$2.mcap
  local acting=(-n "$round_episodes" --policy "run-$network/policy.safetensors" --epsilon "$(epsilon "$round")")
  if ((round == 0)); then acting=(-n "$scripted_episodes" --policy scripted --epsilon 0.2); fi
  [ ! -e "$to" ] || return 0
  qt-collect -q --image-size "$image_px" --looks mixed --num-envs "$threads" --seed $((1000 * seed + 100 * network + round)) \
    --termination "$termination" "${acting[@]}" | qt-label -q --force -o "unfinished-$network.mcap"
  mv "unfinished-$network.mcap" "$to"  # only if both have done all of it
}
train() {  # FOLDER STEPS FLAG... NETWORK: on the grasps of all networks
  local run=$1-${!#} steps=$2 network=${!#}
  qt-train -q spool -o "$run" --steps "$steps" --seed $((100 * seed + network)) --threads "$threads" --checkpoint-steps 1000000 \
    --targets-per-step 16 --disturbed-share 0.5 --replay-bytes 6G --termination "$termination" "${@:3:$#-3}"
}
settle() {  # NETWORK: in a copy, so that more rounds go on from the run
  rm -rf "settled-$1"
  cp -r "run-$1" "settled-$1"
  # shellcheck disable=SC2046 # several words, or none
  train settled $(($(steps "$rounds") + round_steps)) --resume --learning-rate 1e-4 --polyak "$(polyak "$rounds")" \
    $(patience "$rounds") "$1"
  "$bench/merge_policies.py" average "settled-$1.safetensors" "run-$1/policy.safetensors" "settled-$1/policy.safetensors"
}
join() {  # OUT POLICY...: one policy of all networks
  if (($# == 2)); then cp "$2" "$1"; else "$bench/merge_policies.py" ensemble "$@"; fi
}
rate() {  # POLICY SET: success on the curve's scenes
  qt-eval "$1" -n 200 --objects "$2" --seed 2000 -q --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["success"]["rate"])'
}
# Processor seconds of everything that this script has started and waited for.
processor_s() { awk -v ticks_per_s="$(getconf CLK_TCK)" '{ print ($16 + $17) / ticks_per_s }' "/proc/$$/stat"; }
point() {  # ROUND: one line of the learning curve; evaluating is not charged to the policy
  local hours line reached objects policy=unfinished.safetensors
  hours=$(awk -F, -v spent="$(processor_s)" -v mark="$mark_s" 'NR > 1 { before = $4 }
    END { printf "%.3f", before + (spent - mark) / 3600 }' curve.csv)
  join "$policy" run-*/policy.safetensors
  line=$seed,$((networks * (scripted_episodes + $1 * round_episodes))),$(steps "$1"),$hours
  for objects in h1 h2 h3; do
    reached=$(rate "$policy" "$objects")
    line+=,$reached
  done
  echo "$line" >> curve.csv
  mv "$policy" "policy-$1.safetensors"
  mark_s=$(processor_s)
}

mark_s=$(processor_s)
if [ ! -e policy-0.safetensors ]; then
  echo "seed,grasps,steps,cpu_hours,h1,h2,h3" > curve.csv
  each_network collect 0
  each_network train run "$first_steps" --force
  point 0
fi
for ((round = 1; round <= rounds; ++round)); do
  [ ! -e "policy-$round.safetensors" ] || continue
  each_network collect "$round"
  # shellcheck disable=SC2046 # several words, or none
  each_network train run "$(steps "$round")" --resume --learning-rate "$(learning_rate "$round")" --polyak "$(polyak "$round")" \
    $(patience "$round")
  point "$round"
done
each_network settle
join released.safetensors settled-*.safetensors
for objects in h1 h2 h3; do qt-eval released.safetensors -n 714 --objects "$objects" --seed 3000; done
