#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to the released policy: bench/release_policy.sh for each seed, each with grasps of its own, and the policies that
# come of it as one whose Q is the mean of theirs, tried in 714 scenes of each set. Run again, it goes on from where it was; the
# runs may also be made one beside the other, in FOLDER/seed-SEED.
#
#   bench/release_ensemble.sh FOLDER SEED...
set -euo pipefail
work=${1:?usage: bench/release_ensemble.sh FOLDER SEED...}
shift
[ $# -gt 0 ] || { echo "usage: bench/release_ensemble.sh FOLDER SEED..." >&2; exit 2; }
bench=$(cd "$(dirname "$0")" && pwd)
members=()
for seed in "$@"; do
  member=$work/seed-$seed/released.safetensors
  [ -e "$member" ] || "$bench/release_policy.sh" "$work/seed-$seed" "$seed" 7
  members+=("$member")
done
"$bench/merge_policies.py" ensemble "$work/released.safetensors" "${members[@]}"
for objects in h1 h2; do qt-eval "$work/released.safetensors" -n 714 --objects "$objects" --seed 3000; done
