qt-label --json $FIXTURES/episodes.mcap -o out.mcap
