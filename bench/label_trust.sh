#!/usr/bin/env bash
# How far labels read off pictures and fingers can be trusted: simulated episodes, labelled, against the simulator's
# truth. 10,000 with mild looks, 5,000 with strong ones (textures, coloured lights, light drift, sensor noise, a bumped
# camera, JPEG quality 50 to 95); of each, half by the script with noise (-a) and half by its aligned variant, which
# succeeds more often (-b). Prints the audits of each half and of both; the pictures of the wrong ones go to
# FOLDER/wrong-*. About 12 minutes on two idle cores. Episodes that are there already are used again.
#
#   bench/label_trust.sh FOLDER [MILD STRONG]
set -euo pipefail
work=${1:?usage: bench/label_trust.sh FOLDER [MILD STRONG]}
mild=${2:-10000}
strong=${3:-5000}
mkdir -p "$work"

judge() { # NAME LABELLER FILE...
  qt-label -q --relabel --labeller "$2" "${@:3}" -o "$work/labelled.mcap" --force --explain "$work/wrong-$1-$2" \
    --explain-which wrong
  printf '== %s, %s\n' "$1" "$2"
  qt-label --audit sim "$work/labelled.mcap"
  qt-label --audit sim "$work/labelled.mcap" --json >> "$work/audits.jsonl"
  rm "$work/labelled.mcap"
}

collect() { # NAME EPISODES FLAG...
  [ -e "$work/$1.mcap" ] || qt-collect -q -n "$2" "${@:3}" -o "$work/$1.mcap"
}

strong_flags=(--looks strong --camera-noise 4 --light-drift 0.2 --bump 1 --jpeg-quality 50-95)
script=(--policy scripted --epsilon 0.2 --seed 31)
aligned=(--policy scripted:aligned --seed 32)
collect mild-a $((mild / 2)) "${script[@]}"
collect mild-b $((mild / 2)) "${aligned[@]}"
collect strong-a $((strong / 2)) "${script[@]}" "${strong_flags[@]}"
collect strong-b $((strong / 2)) "${aligned[@]}" "${strong_flags[@]}"
for set in mild strong; do
  for labeller in vote image_diff opening; do
    judge "$set" "$labeller" "$work/$set-a.mcap" "$work/$set-b.mcap"
  done
  judge "$set-a" vote "$work/$set-a.mcap"
  judge "$set-b" vote "$work/$set-b.mcap"
done
