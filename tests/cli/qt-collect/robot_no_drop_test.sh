# What the client wants of the drop test is the driver's to obey.
qt-collect -q -n 3 --seed 4 --no-drop-test -o direct.mcap
qt-collect -q -n 3 --seed 4 --no-drop-test --robot 'exec:qt-collect --serve-robot' --robot-timeout 60 --robot-retries 0 \
  --robot-backoff 0 -o driven.mcap
steps() { qt-data dump $1 | python3 -c '
import json, sys
for line in sys.stdin:
    episode = json.loads(line)
    print([step["action"] for step in episode["steps"]], episode["evidence"], episode["labels"][0]["success"])'; }
steps direct.mcap > direct.txt
steps driven.mcap > driven.txt
cmp direct.txt driven.txt
