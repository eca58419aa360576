set -o pipefail
qt-data dump $FIXTURES/episodes.mcap $FIXTURES/episodes.mcap | head -c 100 | wc -c
