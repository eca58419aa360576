qt-label -q < $FIXTURES/episodes.mcap --threads 1 > a.mcap
qt-label -q < $FIXTURES/episodes.mcap --threads 3 > b.mcap
cmp a.mcap b.mcap
