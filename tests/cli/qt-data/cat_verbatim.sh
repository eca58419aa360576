# Chunks whose times need not be shifted are copied as they are: a copy of a file is the file, but for its lineage.
qt-data cat --json $FIXTURES/episodes.mcap -o a.mcap --progress off > a.json
python3 - $FIXTURES/episodes.mcap <<'PY'
import json, sys
summary = json.load(open("a.json"))
print([summary[k] for k in ("tool", "exit_status", "episodes", "left_out", "duplicates", "copied_verbatim", "damaged")])
MAGIC = bytes.fromhex("28b52ffd")
frames = lambda path: [part[:200] for part in open(path, "rb").read().split(MAGIC)[1:]]
print(frames("a.mcap") == frames(sys.argv[1]))
PY
