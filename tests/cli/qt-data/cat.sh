# Two inputs, in order; the same from a folder, standard input, and a plain cat of files.
L=$FIXTURES/labelled.mcap E=$FIXTURES/episodes.mcap
ids() { qt-data dump "$@" | python3 -c 'import json, sys; print([json.loads(line)["index"] for line in sys.stdin])'; }
qt-data cat -q $E $L -o both.mcap
ids both.mcap
cat $E $L | qt-data cat -q > piped.mcap
cmp both.mcap piped.mcap
mkdir folder
cp $E folder/a.mcap
cp $L folder/b.mcap
qt-data cat -q folder --output spool/
cmp both.mcap spool/*.mcap
# Valid and indexed: the indexed reader of another language does not complain, and nor do we.
qt-data info both.mcap | grep -E '^(episodes|damage)'
