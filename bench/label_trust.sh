#!/usr/bin/env bash
# How far labels read off pictures and fingers can be trusted: simulated episodes, labelled, against the simulator's
# truth. 10,000 with mild looks, 5,000 with strong ones (textures, coloured lights, light drift, sensor noise, a bumped
# camera, JPEG quality 50 to 95). Prints the audits; the pictures of the wrong ones go to FOLDER/wrong-*. About 12
# minutes on two idle cores.
#
#   bench/label_trust.sh FOLDER [MILD STRONG]
set -euo pipefail
work=${1:?usage: bench/label_trust.sh FOLDER [MILD STRONG]}
mild=${2:-10000}
strong=${3:-5000}
mkdir -p "$work"

judge() { # NAME LABELLER FLAG...
  qt-label -q --relabel --labeller "$2" "$work/$1.mcap" -o "$work/$1-$2.mcap" --force --explain "$work/wrong-$1-$2" \
    --explain-which wrong "${@:3}"
  printf '== %s, %s\n' "$1" "$2"
  qt-label --audit sim "$work/$1-$2.mcap"
  qt-label --audit sim "$work/$1-$2.mcap" --json >> "$work/audits.jsonl"
  rm "$work/$1-$2.mcap"
}

collect() { # NAME EPISODES FLAG...
  qt-collect -q -n $(($2 / 2)) --policy scripted --epsilon 0.2 --seed 31 "${@:3}" -o "$work/$1-a.mcap" --force
  qt-collect -q -n $(($2 / 2)) --policy scripted:aligned --seed 32 "${@:3}" -o "$work/$1-b.mcap" --force
  cat "$work/$1-a.mcap" "$work/$1-b.mcap" > "$work/$1.mcap"
  rm "$work/$1-a.mcap" "$work/$1-b.mcap"
}

collect mild "$mild"
collect strong "$strong" --looks strong --camera-noise 4 --light-drift 0.2 --bump 1 --jpeg-quality 50-95
for set in mild strong; do
  for labeller in vote image_diff opening; do judge "$set" "$labeller"; done
done
