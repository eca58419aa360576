F=$FIXTURES/labelled.mcap
qt-data export $F || echo $?
qt-data export $F -o - || echo $?
qt-data export $F --to zip -o a || echo $?
qt-data export missing.mcap -o a || echo $?
qt-data export $FIXTURES/truncated_tail.mcap -o b 2> /dev/null || echo $?
wc -l < b/episodes.jsonl
echo '{"to": "webdataset", "output": "c.tar"}' > c.json
qt-data export -v --config c.json $F
ls
