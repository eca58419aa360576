qt-data dump $FIXTURES/truncated_tail.mcap > a.json || echo $?
wc -l < a.json
qt-data info $FIXTURES/truncated_head.mcap > info.txt || echo $?
