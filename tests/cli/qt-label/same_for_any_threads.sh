qt-label -q < $FIXTURES/episodes.mcap --threads 1 > a.mcap
qt-label -q < $FIXTURES/episodes.mcap --threads 3 > b.mcap
test "$(stat -c %s a.mcap)" = "$(stat -c %s b.mcap)"
