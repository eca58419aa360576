echo '{"quiet": true}' > c.json
qt-data info --config c.json $FIXTURES/episodes.mcap > a.txt
qt-data info -q $FIXTURES/episodes.mcap | cmp - a.txt
qt-data info -v $FIXTURES/episodes.mcap | cmp - a.txt
echo '{"images": "pictures", "output": "a.json"}' > c.json
qt-data dump -v --config c.json $FIXTURES/episodes.mcap
ls
qt-data check -v --progress off --config c.json $FIXTURES/episodes.mcap 2> /dev/null || echo $?  # no key of this command
echo '{"errors_only": true}' > c.json
qt-data check -v --progress off --config c.json $FIXTURES/episodes.mcap > check.txt
echo '{"output": "r.mcap"}' > c.json
qt-data recover -v --progress off --config c.json $FIXTURES/episodes.mcap 2> /dev/null
qt-data dump $FIXTURES/episodes.mcap > b.json
qt-data dump r.mcap | cmp - b.json
