echo '{"quiet": true}' > c.json
qt-data info --config c.json $FIXTURES/episodes.mcap > a.txt
qt-data info -q $FIXTURES/episodes.mcap | cmp - a.txt
qt-data info -v $FIXTURES/episodes.mcap | cmp - a.txt
echo '{"images": "pictures", "output": "a.json"}' > c.json
qt-data dump -v --config c.json $FIXTURES/episodes.mcap
ls
