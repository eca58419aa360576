F=$FIXTURES/labelled.mcap
qt-data export $F -o out
ls out
python3 - <<'PY'
import json, os
episodes = [json.loads(line) for line in open("out/episodes.jsonl")]
steps = [json.loads(line) for line in open("out/steps.jsonl")]
print(len(episodes), sum(e["steps"] for e in episodes) == len(steps))
print(all(open("out/" + s["image"]["file"], "rb").read(2) == b"\xff\xd8" for s in steps))
print(sorted({s["reward"] for s in steps if not s["is_last"]}), {e["label_source"].split("/")[0] for e in episodes})
print([p["command_line"].split()[0:2] for p in json.load(open("out/lineage.json"))["programs"]])
PY
qt-data export $F -o out || echo $?
qt-data export --dry-run $F -o other
qt-data export -q --force $F --episodes 0 --label sim -o out
wc -l < out/episodes.jsonl
for flags in --success --failure '--policy model' '--where steps>3'; do
  qt-data export -q $flags $F -o "new$flags"
  qt-data dump $flags $F | wc -l | grep -qx $(wc -l < "new$flags/episodes.jsonl")
done
qt-data export --json --progress off $F --to folder --output json/ | python3 -c 'import json, sys; s = json.load(sys.stdin); print(s["episodes"], s["left_out"])'
[ ! -e other ]
