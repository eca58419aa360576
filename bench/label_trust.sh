#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How far labels read off pictures and fingers can be trusted: simulated episodes, labelled, against the simulator's
# truth. 10,000 with mild looks, 5,000 with strong ones (textures, coloured lights, light drift, sensor noise, a bumped
# camera, JPEG quality 50 to 95); of each, half by the script with noise (-a) and half by its aligned variant, which
# succeeds more often (-b). Prints the audits of each half and of both, by every labeller and by their vote; the
# pictures of the wrong ones go to FOLDER/wrong-*. About 15 minutes on two idle cores. Episodes that are there already
# are used again.
#
#   bench/label_trust.sh FOLDER [MILD STRONG]
set -euo pipefail
work=${1:?usage: bench/label_trust.sh FOLDER [MILD STRONG]}
mild=${2:-10000}
strong=${3:-5000}
mkdir -p "$work"
trap 'rm -f "$work"/labelled-?.mcap' EXIT

collect() { # NAME EPISODES FLAG...
  [ -e "$work/$1.mcap" ] || qt-collect -q -n "$2" "${@:3}" -o "$work/$1.mcap"
}

label() { # SET HALF LABELLER
  qt-label -q --relabel --labeller "$3" "$work/$1-$2.mcap" -o "$work/labelled-$2.mcap" --force \
    --explain "$work/wrong-$1-$3" --explain-which wrong
}

audit() { # TITLE FILE...
  printf '== %s\n' "$1"
  # Episodes without pictures by the gripper have no label by it, and nothing to compare.
  qt-label --audit sim "${@:2}" || return 0
  qt-label --audit sim "${@:2}" --json >> "$work/audits.jsonl"
}

strong_flags=(--looks strong --camera-noise 4 --light-drift 0.2 --bump 1 --jpeg-quality 50-95)
script=(--policy scripted --epsilon 0.2 --seed 31)
aligned=(--policy scripted:aligned --seed 32)
collect mild-a $((mild / 2)) "${script[@]}"
collect mild-b $((mild / 2)) "${aligned[@]}"
collect strong-a $((strong / 2)) "${script[@]}" "${strong_flags[@]}"
collect strong-b $((strong / 2)) "${aligned[@]}" "${strong_flags[@]}"
for set in mild strong; do
  for labeller in vote image_diff gripper_view opening; do
    label "$set" a "$labeller"
    label "$set" b "$labeller"
    audit "$set, $labeller" "$work/labelled-a.mcap" "$work/labelled-b.mcap"
    if [ "$labeller" = vote ]; then
      audit "$set-a, vote" "$work/labelled-a.mcap"
      audit "$set-b, vote" "$work/labelled-b.mcap"
    fi
  done
done
