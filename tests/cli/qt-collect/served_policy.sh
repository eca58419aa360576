# A server that runs is the same policy as the checkpoint.
. "$CASES/../support/serve.sh"
start --socket s --max-queue 1
qt-collect -q -n 3 --seed 4 --num-envs 3 --swap-every 1 --policy unix:s -o unix.mcap
actions() { qt-data dump $1 | python3 -c '
import json, sys
for line in sys.stdin: print(json.loads(line)["policy"], [list(step["action"].values()) for step in json.loads(line)["steps"]])'; }
qt-collect -q -n 3 --seed 4 --swap-every 1 --policy $model -o file.mcap
actions file.mcap > file.txt
actions unix.mcap > unix.txt
cmp file.txt unix.txt && echo same
stop
qt-collect -q -n 1 --policy unix:s -o gone.mcap || echo $?
