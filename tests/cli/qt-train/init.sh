# --init begins with a policy's weights and learns as it did; what it begins with is written down.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --tower-channels 4 --targets-per-step 2'
qt-train -q $FIXTURES/labelled.mcap -o first $tiny --discount 0.97 --step-reward -0.01 --learning-rate 2e-4 --steps 3
qt-train $FIXTURES/labelled.mcap -o would --init first/policy.safetensors --dry-run 2>&1
test ! -e would
qt-train --json -q $FIXTURES/labelled.mcap -o run --init first/policy.safetensors --steps 2 --keep-policies 9 2> log.txt |
  grep -o '"init":{[^}]*}' | sed 's/"sha256":"[0-9a-f]*"/"sha256":"..."/'
python3 - <<'PYTHON'
import json, struct
def read(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__")
    return metadata, {name: data[8 + length:][slice(*entry["data_offsets"])] for name, entry in header.items()}
config = json.load(open("run/config.json"))
print(config["init"], config["network"]["tower_channels"], config["task"]["discount"], config["step_reward"],
      config["learning_rate"], config["history"][0]["init"]["step"])
metadata, begun = read("run/policies/step-00000000.safetensors")
print(begun == read("first/policy.safetensors")[1], metadata["step"])
metadata, learned = read("run/policy.safetensors")
print(learned == begun, metadata["step"], json.loads(metadata["training"])["lineage"]["init"]["policy"])
PYTHON
# A resumed run does not begin again: stopped half-way it is the same run, also without that policy.
qt-train -q $FIXTURES/labelled.mcap -o whole --init first/policy.safetensors --steps 4
rm first/policy.safetensors
qt-train -q $FIXTURES/labelled.mcap -o run --resume --steps 4
cmp whole/checkpoints/step-00000004.safetensors run/checkpoints/step-00000004.safetensors && echo the same
qt-train $FIXTURES/labelled.mcap -o run --resume --init other.safetensors || echo $?
# A checkpoint will do; so will one network of several.
qt-train -q $FIXTURES/labelled.mcap -o more --init whole/checkpoints/step-00000004.safetensors --steps 1
try() { qt-train $FIXTURES/labelled.mcap -o no "$@" 2>&1 && echo accepted || echo $?; }
try --init more/policy.safetensors --architecture add
try --init more/policy.safetensors --tower-channels 8
try --init more/policy.safetensors --crop 32
try --init more/policy.safetensors --init-network 2
try --init more/policy.safetensors --profile paper --actions 1
try --init none.safetensors
try --init $FIXTURES/labelled.mcap
try --init-network 2
qt-collect -q -n 2 --seed 4 --image-size 48 | qt-label -q -o other.mcap
qt-train -q other.mcap -o no --init more/policy.safetensors || echo $?
ls -d no 2> /dev/null || echo nothing
