qt-label -q < $FIXTURES/episodes.mcap > /dev/full
