#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Draws the learning curves that bench/release.sh wrote: success on h1 and h2 against grasps and against processor hours,
# a line a seed, with Wilson's 95 % intervals of the 200 scenes of each point. Needs gnuplot (./setup --extras).
#
#   bench/plot_curves.sh OUT.png CURVE.csv...
set -euo pipefail
out=${1:?usage: bench/plot_curves.sh OUT.png CURVE.csv...}
shift
wilson='
z2 = 1.959964 ** 2; n = 200.0
middle(p) = (p + z2 / (2 * n)) / (1 + z2 / n)
half(p) = sqrt(z2) / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
low(p) = 100 * (middle(p) - half(p)); high(p) = 100 * (middle(p) + half(p))'
panel() {  # COLUMN XLABEL
  echo "set xlabel '$2'"
  printf 'plot '
  local file number=0
  for file in "${curves[@]}"; do
    number=$((number + 1))
    for column in 5:h1 6:h2; do
      printf '"%s" every ::1 using %s:(100*$%s):(low($%s)):(high($%s)) with yerrorlines lw 2 dt %s title "%s, seed %s", ' \
        "$file" "$1" "${column%:*}" "${column%:*}" "${column%:*}" $((number)) "${column#*:}" "$(sed -n '2s/,.*//p' "$file")"
    done
  done
  echo
}
curves=("$@")
gnuplot << EOF
set terminal pngcairo size 1100,420 font "sans,10"
set output "$out"
set datafile separator ","
set key bottom right
set grid
set yrange [40:100]
set ylabel "success in 200 fixed scenes, %"
$wilson
set multiplot layout 1,2
$(panel 2 "grasps")
$(panel 4 "processor hours")
EOF
