set -o pipefail
qt-label -q < $FIXTURES/episodes.mcap | head -c 1000 | wc -c
