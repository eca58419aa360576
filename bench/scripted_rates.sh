#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# scripted_rates.sh QT_COLLECT [EPISODES]: success of the policies that bootstrap the data, with Wilson's 95 % intervals, as
# a table; the simulator's truth, one bin for ten episodes, as qt-collect does it by default.
set -eu
qt_collect=$1 episodes=${2:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '| policy | success | steps an episode | discarded bins |'
echo '| --- | --- | --- | --- |'
while read -r flags; do
  # shellcheck disable=SC2086
  "$qt_collect" --json -q -n "$episodes" --seed 20261122 --no-drop-test $flags -o "$work/out.mcap" --force |
    python3 -c '
import json, sys
report = json.load(sys.stdin)
k, n, z = report["success"]["count"], report["success"]["judged"], 1.959964
middle, half = (k + z * z / 2) / (n + z * z), z / (n + z * z) * (k * (n - k) / n + z * z / 4) ** 0.5
print("| `%s` | %.1f %% [%.1f, %.1f] | %.1f | %d |" % (
    sys.argv[1], 100 * k / n, 100 * (middle - half), 100 * (middle + half), report["steps"] / report["episodes"],
    report["discarded_bins"]))' "$flags"
done <<'POLICIES'
--policy scripted
--policy scripted --epsilon 0.2
--policy scripted --objects h2
--policy scripted:uniform
--policy scripted:aimed
--policy scripted:aligned
--policy scripted:noise
--policy random
POLICIES
