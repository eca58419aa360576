# Settings of flags as rows, each in the same scenes; of a policy or of several, and of the search of a checkpoint.
qt-eval scripted --protocol ablate --vary 'disturb=none|light' --vary='--camera-noise 0|3' -n 1 --seed 2 --num-envs 2 -q | sed 's/  .*//'
qt-eval $FIXTURES/model.safetensors --protocol ablate --vary 'cem=8/2/1|16/4/2' -n 1 --seed 2 --episodes lines --json -q | python3 -c '
import json, sys
report = json.load(sys.stdin)
row = report["rows"][0]
print(report["setting"], "|", row["setting"], row["objects"], row["paired"]["episodes"], row["digest"] == report["digest"])
print([json.loads(line)["setting"] for line in open("lines")])'
qt-eval $FIXTURES/model.safetensors --cem 8/2/1 -n 1 --seed 2 -q | grep -c safetensors
qt-eval scripted random --protocol ablate --vary 'objects=h1|h2' --dry-run
try() { qt-eval "$@" && echo accepted || echo $?; }
try scripted --vary 'disturb=none|light'
try scripted --protocol ablate --vary 'disturb=none'
try scripted --protocol ablate --vary 'disturb=none|earthquake'
try scripted --protocol ablate --vary 'seed=1|2'
try scripted --protocol ablate --vary 'camera-noise=0|1000'
try scripted --protocol ablate --vary 'min-objects=4|20'
try scripted --protocol ablate --vary 'cem=8/2/1|16/4/2'
try scripted --cem 8/2/1
try $FIXTURES/model.safetensors --cem 8/9/1
try scripted --protocol ablate --vary 'objects=train|missing/'
