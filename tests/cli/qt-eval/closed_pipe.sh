set -o pipefail
qt-eval scripted -n 30 --seed 1 --episodes - -q | head -n 1 | wc -l
