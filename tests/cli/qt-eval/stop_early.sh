# The same attempts decide for any number of environments; a rule that did not get there says so.
qt-eval scripted --until ±0.3 --seed 3 --num-envs 1 --episodes one.ndjson --json -q > one.json
qt-eval scripted --until 0.3 --seed 3 --num-envs 4 --episodes four.ndjson --json -q > four.json
cmp one.ndjson four.ndjson
python3 -c '
import json
one, four = (json.load(open(name)) for name in ("one.json", "four.json"))
for report in (one, four): report.pop("timing")
print(one == four, one["until"]["reached"], one["until"]["got"] <= 0.3, one["episodes"] < 10)'
qt-eval random --until 0.05 -n 2 --seed 1 | tail -n 1
qt-eval random --sprt 0.3/0.7 --seed 3 --require 0.3 -q > report.txt || echo $?
tail -n 1 report.txt
# Two policies take turns until the scenes that tell are clear enough.
qt-eval scripted --against random --sprt 0.5/0.9 --confidence 0.6 -n 40 --seed 2 --num-envs 4 --require better --json -q |
  python3 -c '
import json, sys
r = json.load(sys.stdin)
print(r["sprt"]["decision"], r["episodes"] == r["against"]["episodes"] == 20, r["require"]["met"])'
