# One episode a line; the same from a file, a folder and a pipe.
qt-data dump $FIXTURES/episodes.mcap > a.json
wc -l < a.json
python3 -c 'import json, sys; print([len(json.loads(line)["steps"]) > 0 for line in open("a.json")])'
mkdir folder
cp $FIXTURES/episodes.mcap folder/
qt-data dump folder -o b.json
qt-data dump < $FIXTURES/episodes.mcap | cmp - a.json
cmp a.json b.json
