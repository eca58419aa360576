qt-data info $FIXTURES/episodes.mcap > /dev/full
