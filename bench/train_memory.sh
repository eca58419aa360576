#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Peak memory of qt-train against what it announced at its start, the data being larger than --replay-bytes. Prints one line
# of JSON a case: everything there at the start, and everything arriving while it trains.
#
#   bench/train_memory.sh FOLDER [EPISODES] [REPLAY_BYTES]
set -euo pipefail
work=${1:?usage: bench/train_memory.sh FOLDER [EPISODES] [REPLAY_BYTES]}
episodes=${2:-200}
replay=${3:-256M}
mkdir -p "$work/data"
if [ -z "$(ls "$work/data")" ]; then
  qt-collect -q -n "$episodes" --seed 1 --image-size 256 --episodes-per-file 10 -o "$work/raw/"
  qt-label -q --each "$work/raw/" -o "$work/data/"
fi
small="--batch-size 8 --train-buffer-size 256 --target-cem 16/4/1 --updaters 1 --replay-bytes $replay --json -q"

report() {
  python3 -c 'import json, sys
run = json.loads(sys.stdin.read().splitlines()[-1])
peak, announced = run["peak_bytes"] / 2**20, run["announced_bytes"] / 2**20
print(json.dumps({"case": sys.argv[1], "announced_mib": round(announced), "peak_mib": round(peak), "ratio": round(peak / announced, 3),
                  "episodes": run["episodes"], "evicted": run["episodes_evicted"]}))' "$1"
}

qt-train "$work/data/" -o "$work/run-stored" --force --steps 20 $small | report stored

rm -rf "$work/spool" && mkdir "$work/spool"
(for file in "$work"/data/*.mcap; do
  cp "$file" "$work/spool/.$(basename "$file")"
  mv "$work/spool/.$(basename "$file")" "$work/spool/$(basename "$file")"
  sleep 0.2
done) &
qt-train "$work/spool/" --follow -o "$work/run-followed" --force --steps "${FOLLOWED_STEPS:-150}" $small | report followed
wait
