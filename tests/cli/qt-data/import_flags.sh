# What each flag does; the summary goes to standard error.
python3 $CASES/../support/make_rlds.py kuka/0.1.0
qt-data import --from rlds kuka/0.1.0 --shards 1-2 -o b.mcap
qt-data import --from rlds kuka/0.1.0 --max-episodes 2 -o c.mcap
qt-data import --from rlds kuka/0.1.0 -n 1 --dry-run -o d.mcap
qt-data import --from rlds kuka/0.1.0 -n 1 -o c.mcap || echo $?
qt-data import --from rlds kuka/0.1.0 -n 1 --force --quiet -o c.mcap
qt-data import --from rlds kuka/0.1.0 --shards 0 --json -q -o e.mcap
qt-data info c.mcap | head -n 1
ls
echo '{"from": "rlds", "max_episodes": 1}' > import.json
qt-data import --config import.json --verbose --progress off -o f.mcap kuka/0.1.0
