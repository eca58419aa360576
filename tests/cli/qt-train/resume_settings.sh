# --resume goes on with the run's own settings; flags win over them and are written down with the step.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --tower-channels 4 --labels-per-step 2 --seed 5'
qt-train -q $FIXTURES/labelled.mcap -o run $tiny --discount 0.97 --step-reward -0.01 --steps 3 --keep 1 --evaluate-episodes 7
cp -r run plain
qt-train -q $FIXTURES/labelled.mcap -o plain --resume --steps 4
qt-train -q $FIXTURES/labelled.mcap -o whole $tiny --discount 0.97 --step-reward -0.01 --steps 4
python3 - <<'PYTHON'
import json, struct
def tensors(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: data[8 + length:][slice(*entry["data_offsets"])] for name, entry in header.items()}
print(tensors("plain/policy.safetensors") == tensors("whole/policy.safetensors"))
PYTHON
qt-train $FIXTURES/labelled.mcap -o run --resume --steps 4 --discount 0.95 --progress off 2>&1 | grep 'from now on\|goes on'
# Without --steps as far as the run was meant to go, and no more.
qt-train $FIXTURES/labelled.mcap -o run --resume 2>&1 | grep 'goes on'
python3 - <<'PYTHON'
import json
for run in ("plain", "run"):
    config = json.load(open(f"{run}/config.json"))
    print(run, config["task"]["discount"], config["step_reward"], config["keep"], config["evaluate_episodes"])
    for entry in config["history"]:
        print(" ", entry["step"], entry["tool"].split()[0], entry["changed"])
PYTHON
# What the weights depend on cannot change.
try() { qt-train $FIXTURES/labelled.mcap -o run --resume "$@" && echo accepted || echo $?; }
try --architecture mlp
try --merge add
try --tower-channels 8
try --crop 32
try --optimizer sgd
try --profile paper --actions 1
try --state-input image
qt-collect -q -n 2 --seed 4 --image-size 48 | qt-label -q -o other.mcap
qt-train other.mcap -o run --resume || echo $?
echo '{"network": 3}' > run/config.json
try
