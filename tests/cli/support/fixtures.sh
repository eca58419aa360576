#!/usr/bin/env bash
# Makes the files that the cases share: fixtures.sh BIN OUT
set -eu
bin=$1
out=$2
rm -rf "$out"
mkdir -p "$out"
cd "$out"
run() { "$bin/$1" -q "${@:2}"; }

run qt-collect -n 4 --seed 1 --image-size 64 --no-gripper-view -o episodes.mcap
run qt-collect -n 4 --seed 1 -o viewed.mcap  # with the pictures by the gripper's camera
if [ -x "$bin/qt-label" ]; then run qt-label episodes.mcap -o labelled.mcap; fi
if [ -x "$bin/qt-train" ]; then
  run qt-train labelled.mcap --steps 2 --tower-channels 4 --batch-size 4 --target-cem 8/2/1 --act-cem 8/2/1 \
    --updaters 0 --train-buffer-size 32 --seed 1 --threads 1 -o run/
  cp run/policy.safetensors model.safetensors
fi

# Damaged and foreign inputs.
echo "these are words" > text.txt
: > empty.mcap
head -c 2000 episodes.mcap > truncated_head.mcap
head -c -3000 episodes.mcap > truncated_tail.mcap
