echo keep > a.json
qt-data dump $FIXTURES/episodes.mcap -o a.json || echo $?
cat a.json
qt-data dump $FIXTURES/episodes.mcap -o a.json --force
wc -l < a.json
