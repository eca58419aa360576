# Through a driver process the simulator gives what it gives directly, for any number of environments: pictures, steps, rewards.
scene='--objects h1 --max-objects 6 --camera-jitter 1'
common='-q -n 5 --seed 3 --swap-every 2 --epsilon 0.2 --termination learned --max-steps 12'
qt-collect $common $scene --num-envs 1 -o direct.mcap
for envs in 1 2 4; do
  qt-collect $common --robot "exec:qt-collect --serve-robot $scene" --num-envs $envs -o envs$envs.mcap
done
cmp envs1.mcap envs2.mcap
cmp envs1.mcap envs4.mcap
# What differs: the command, and from it the run and the hashes over its name.
for name in direct envs1; do
  qt-data dump $name.mcap --images $name | python3 -c '
import json, sys
for line in sys.stdin:
    episode = json.loads(line)
    names = [episode.pop(key) for key in ("id", "run_id", "content_hash")]
    for label in episode["labels"]: label.pop("content_hash")
    text = json.dumps(episode)
    for name in names: text = text.replace(name, "?")
    print(text)' > $name.json
  (cd $name && find . -type f | sed "s/[0-9a-f]\{16\}/?/" | sort > ../$name.list && find . -type f | sort | xargs cat | cksum > ../$name.sum)
done
cmp direct.json envs1.json
cmp direct.list envs1.list
cmp direct.sum envs1.sum
wc -l < direct.list
# The set of objects may be named: the driver knows it, a file does not.
qt-collect -q -n 1 --seed 3 --max-steps 2 --robot "exec:qt-collect --serve-robot" --objects-name tools -o - |
  qt-data dump - | grep -o '"objects":"[a-z]*"'
