F=$FIXTURES/labelled.mcap
for flags in --success --failure '--policy scr*' '--where steps>3' '--episodes 0-1' '--label sim'; do
  qt-data cat -q $flags $F | qt-data stats --json > a.json
  qt-data stats --json $flags $F > b.json
  python3 -c 'import json; a, b = (json.load(open(n)) for n in ("a.json", "b.json")); print(a["steps"] == b["steps"] and a["action"] == b["action"])'
done
echo '{"label": "sim"}' > c.json
qt-data stats -v --config c.json < $F | head -n 1
qt-data stats -q $F | wc -l
qt-data stats $FIXTURES/truncated_head.mcap > out.txt 2> /dev/null || echo $?
qt-data stats $F > /dev/full || echo $?
