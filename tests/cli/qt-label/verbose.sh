qt-label -v $FIXTURES/episodes.mcap -o out.mcap
