set -o pipefail
qt-collect -n 30 --seed 1 --image raw | head -c 100000 | wc -c
