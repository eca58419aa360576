#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What each part of the method is worth at a fixed budget: every arm learns from the same episodes for the same number of
# steps from the same seed, all else as the default, and is evaluated in the same scenes. Prints a table as it goes; goes on where it was if
# it is run again. The episodes are those of the first network of bench/release.sh: 2,000 scripted ones and the first round of 1,000
# explored ones; the arm `scripted` has 1,000 scripted ones of the second network instead of the latter. (Learned termination needs
# episodes of its own: that script with QT_TERMINATION=learned.)
#
#   bench/ablations.sh FOLDER RELEASE [ARM...]
set -euo pipefail
work=${1:?usage: bench/ablations.sh FOLDER RELEASE [ARM...]}
release=${2:?the folder of bench/release.sh}
shift 2
steps=1500 attempts=300
mkdir -p "$work"

declare -A flags=(
  [default]=""
  [merge-add]="--architecture add" [merge-mlp]="--architecture mlp"                                # A1
  [state-paper]="--state-input paper" [state-image]="--state-input image"            # A2
  [scripted]=""                                                                      # A4
  [targets-no-floor]="--return-floor-steps 0" [targets-returns]="--targets returns"  # A5
  [targets-one-network]="--no-clipped-double"                                        # A5
  [penalty-0]="--step-reward 0"                                                      # A6
  [truth-labels]="--label sim"                                                       # instead of pictures and fingers
  # Where docs/PAPER.md deviates.
  [no-compose]="--no-compose" [no-augment]="--no-augment" [no-symmetry]="--no-symmetry" [no-balance]="--balance 0"
  [polyak-paper]="--polyak 0.9999" [lag-paper]="--lag-steps 6000" [sgd]="--optimizer sgd --learning-rate 1e-4"
)
arms=("$@")
[ ${#arms[@]} -gt 0 ] || arms=(default merge-add merge-mlp state-paper state-image scripted targets-no-floor
  targets-returns targets-one-network penalty-0 truth-labels
  no-compose no-augment no-symmetry no-balance polyak-paper lag-paper sgd)

cell() {  # ARM SET: rate and interval, in percent
  qt-eval "$work/$1/policy.safetensors" -n "$attempts" --objects "$2" --seed 2000 -q --json | python3 -c '
import json, sys
success = json.load(sys.stdin)["success"]
print("%.1f %% [%.1f, %.1f]" % tuple(100 * x for x in (success["rate"], *success["interval"])), end="")'
}

echo "| arm | flags | h1 | h2 |"
echo "| --- | --- | --- | --- |"
for arm in "${arms[@]}"; do
  data=("$release/spool/round-0-network-1.mcap" "$release/spool/round-1-network-1.mcap")
  if [ "$arm" = scripted ]; then data=("$release/spool/round-0-network-1.mcap" "$work/scripted.mcap"); fi
  if [ "$arm" = scripted ] && [ ! -e "$work/scripted.mcap" ]; then
    qt-data cat -q --episodes 0-999 "$release/spool/round-0-network-2.mcap" -o "$work/scripted.mcap"
  fi
  if [ ! -e "$work/$arm.row" ]; then
    read -ra own <<< "${flags[$arm]}"
    qt-train -q "${data[@]}" -o "$work/$arm" --force --steps "$steps" --seed 1 --threads 1 --act-cem 64/6/2 "${own[@]}"
    echo "| $arm | \`${flags[$arm]}\` | $(cell "$arm" h1) | $(cell "$arm" h2) |" > "$work/$arm.tmp"
    mv "$work/$arm.tmp" "$work/$arm.row"
  fi
  cat "$work/$arm.row"
done
