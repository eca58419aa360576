qt-data dump $FIXTURES/episodes.mcap > /dev/full
