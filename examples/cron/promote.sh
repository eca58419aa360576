#!/bin/bash
# promote.sh FOLDER: serve the newest policy if it is shown to grasp better than the served one, or than the scripted one if
# none is served, for cron and systemd (docs/LOOP.md). Exit status 3: it is not; 75: another promotion is at work.
#
# ATTEMPTS  attempts of each policy (700)
set -euo pipefail
cd "$1"
exec 9> promote.lock
flock -n 9 || exit 75
cp run/policy.safetensors candidate.safetensors
against=served.safetensors
[ -e "$against" ] || against=scripted
qt-eval -q candidate.safetensors --against "$against" -n "${ATTEMPTS:-700}" --seed "$(date +%Y%m%d%H)" \
  --require better > promote.txt
mv candidate.safetensors served.safetensors
