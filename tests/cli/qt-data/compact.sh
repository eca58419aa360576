# Many files become one, and the originals go; what is hidden is left alone.
mkdir spool
qt-data cat -q $FIXTURES/episodes.mcap --episodes 0-1 -o spool/a.mcap
qt-data cat -q $FIXTURES/episodes.mcap --episodes 2-3 -o spool/b.mcap
echo unfinished > spool/.episodes.mcap.1-0.tmp
qt-data compact --dry-run spool/
ls spool | wc -l
qt-data compact --json --progress off spool/ > summary.json
python3 -c '
import json
s = json.load(open("summary.json"))
print([s[k] for k in ("files", "left_alone", "episodes", "duplicates", "discarded", "removed")])
print(s["output"].startswith("spool/compact-"), s["bytes_after"] < s["bytes_before"])'
ls -A spool
qt-data info spool | grep -E '^(episodes|damage|made by)'
# Nothing to do the second time.
qt-data compact spool
