# A label more is no copy.
qt-data cat $FIXTURES/episodes.mcap $FIXTURES/episodes.mcap $FIXTURES/labelled.mcap --unique -o a.mcap
