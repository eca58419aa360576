# On a robot behind a driver. One that knows the truth gives what the simulator gives directly, for two policies in turns.
support=$CASES/../../support
driver='exec:qt-collect --serve-robot --objects h1'
common='scripted --against random -n 3 --seed 5 -q --json'
qt-eval $common --objects h1 --episodes direct.ndjson > direct.json
qt-eval $common --robot "$driver" --episodes driven.ndjson > driven.json
python3 - <<'PYTHON'
import json
def load(name): return [json.loads(line) for line in open(name + ".ndjson")]
direct, driven = load("direct"), load("driven")
print([(each["policy"], each["index"]) for each in driven])  # A, B, A, B
key = lambda each: (each["policy"], each["index"])
print(sorted(direct, key=key) == sorted(driven, key=key))
direct, driven = json.load(open("direct.json")), json.load(open("driven.json"))
print([key for key in direct if key not in driven], [key for key in driven if key not in direct])
print(driven["robot"], driven["env"].split("/")[0], driven["objects"], driven["judged_by"], driven["robot_failures"])
print(driven["success"] == direct["success"], driven["paired"] == direct["paired"])
PYTHON
# One that does not know is judged by labels; what is recorded has them, and the name of the objects.
blind="exec:python3 $support/blind_robot.py truth.txt qt-collect --serve-robot --objects h1"
qt-eval scripted -n 10 --seed 4 --robot "$blind" --objects-name blocks --record blind.mcap --report blind.html -q --json > blind.json
grep -o 'Protocol grasp, robot exec:[a-z0-9]*' blind.html
qt-data dump blind.mcap | python3 -c '
import json, sys
truth = [json.loads(line) for line in open("truth.txt")]
episodes = [json.loads(line) for line in sys.stdin]
report = json.load(open("blind.json"))
print(report["judged_by"], report["objects"], {episode["env_config"]["objects"] for episode in episodes})
labels = [episode["labels"] for episode in episodes]
print({len(each) for each in labels}, {each[0]["source"] for each in labels})
print([each[0]["success"] for each in labels] == truth, sum(truth) == report["success"]["count"])'
qt-data info blind.mcap | grep '^objects'
# The labels' own errors make the interval wider, and --require and --until go by that.
cat > audit.json <<'JSON'
{"tool": "qt-label", "agreement": {"both_success": 90, "both_failure": 100, "false_success": 0, "false_failure": 10}}
JSON
dumb="exec:python3 $support/robot_driver.py"
qt-eval random -n 4 --seed 1 --robot "$dumb" --label-errors audit.json --require 0 | cut -c1-110
qt-eval random -n 30 --until 0.2 --seed 1 --robot "$dumb" --json -q | grep -o '"until":{[^}]*}'
qt-eval random -n 4 --until 0.4 --seed 1 --robot "$dumb" --label-errors audit.json --json -q |
  grep -o '"true_success":{[^}]*}\|"until":{[^}]*}\|"label_errors":{[^}]*}'
qt-eval random scripted --protocol ablate -n 2 --seed 1 --robot "$dumb" -q --json | grep -o '"rows":\[{"policy":"[a-z]*"'
qt-eval scripted -n 3 --robot "$dumb" --dry-run 2>&1 | sed "s#$support#SUPPORT#"
