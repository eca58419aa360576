echo keep > a.mcap
qt-data cat $FIXTURES/episodes.mcap -o a.mcap || echo $?
qt-data cat --dry-run $FIXTURES/episodes.mcap -o b.mcap
ls
qt-data cat --force $FIXTURES/episodes.mcap -o a.mcap
qt-data cat $FIXTURES/episodes.mcap > /dev/full || echo $?
echo '{"output": "c.mcap", "episodes": "1-"}' > c.json
qt-data cat -v --config c.json $FIXTURES/episodes.mcap
