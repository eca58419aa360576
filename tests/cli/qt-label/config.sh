echo '{"threshold": 20, "quiet": true, "output": "out.mcap"}' > c.json
qt-label --config c.json $FIXTURES/episodes.mcap
echo '{"treshold": 20}' > c.json
qt-label --config c.json $FIXTURES/episodes.mcap || echo $?
ls -A
