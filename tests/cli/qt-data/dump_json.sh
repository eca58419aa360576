# The summary and the data cannot share standard output.
qt-data dump $FIXTURES/episodes.mcap --json || echo $?
qt-data dump $FIXTURES/episodes.mcap --json -o a.json --progress off -q
