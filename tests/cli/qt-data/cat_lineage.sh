# Every program that touched a file, each once.
qt-data cat -q $FIXTURES/labelled.mcap $FIXTURES/episodes.mcap $FIXTURES/labelled.mcap --unique -o a.mcap
qt-data cat -q a.mcap -o b.mcap
qt-data info b.mcap | sed -n 's/^made by *//p'
