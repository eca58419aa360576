#!/bin/bash
# turn.sh FOLDER: one turn of collecting and training, for cron and systemd (docs/LOOP.md). Exit status 75: another turn is at work.
#
# GRASPS       grasps of a turn (500)
# STEPS        gradient steps of a turn (1000)
# TRAIN_FLAGS  more flags of qt-train
set -euo pipefail
mkdir -p "$1/spool" && cd "$1"
exec 9> lock
flock -n 9 || exit 75
policy=scripted resume='' steps=0
if [ -e run/policies.jsonl ]; then
  policy=run/policy.safetensors resume=--resume
  steps=$(tail -n 1 run/policies.jsonl | grep -o '"step":[0-9]*' | cut -d: -f2)
fi
qt-collect -q -n "${GRASPS:-500}" --policy "$policy" --epsilon 0.2 | qt-label -q -o spool/
# With --follow what the run's own policies collected counts as online data.
# shellcheck disable=SC2086
qt-train -q spool/ --follow -o run $resume --steps $((steps + ${STEPS:-1000})) --updaters 1 ${TRAIN_FLAGS:-}
