#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Memory over a long run: resident KiB of qt-collect, sampled while it makes small episodes that are
# thrown away. Prints a line "seconds KiB" every INTERVAL seconds, and at the end the median of the
# first tenth (after the start), of the last tenth, and the growth.
# Usage: bench/soak.sh BIN_DIR [EPISODES] [INTERVAL_S] [FLAG...]
set -eu
bin=$1 episodes=${2:-20000} interval=${3:-10}
shift; shift || true; shift || true
"$bin/qt-collect" -q -n "$episodes" --seed 1 --num-envs 1 --image-size 32 "$@" > /dev/null &
pid=$!
trap 'kill $pid 2> /dev/null' EXIT
samples=$(mktemp)
while [ -r /proc/$pid/status ] && kib=$(awk '/^VmRSS/ {print $2}' /proc/$pid/status) && [ -n "$kib" ]; do
  echo "$SECONDS $kib" | tee -a "$samples"
  sleep "$interval"
done
wait $pid
trap - EXIT
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
n=$(wc -l < "$samples") tenth=$(( (n + 9) / 10 ))
first=$(sed 1d "$samples" | head -n "$tenth" | awk '{print $2}' | median)
last=$(tail -n "$tenth" "$samples" | awk '{print $2}' | median)
rm -f "$samples"
echo "{\"episodes\": $episodes, \"seconds\": $SECONDS, \"first_kib\": $first, \"last_kib\": $last, \"growth_kib\": $((last - first))}"
