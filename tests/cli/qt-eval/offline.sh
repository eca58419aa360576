# Q of logged actions: OPC and SoftOPC of each checkpoint, and how they rank with what was measured.
model=$FIXTURES/model.safetensors
cp $model other.safetensors
qt-eval --protocol offline $model --logged $FIXTURES/labelled.mcap --seed 3 --num-envs 1 --json -q > one.json
qt-eval --protocol offline $model --logged $FIXTURES/labelled.mcap --seed 3 --num-envs 4 --json -q > four.json
cmp one.json four.json
qt-eval --protocol offline $model other.safetensors $model --logged $FIXTURES/labelled.mcap --label sim --measured 0.5,0.6,0.7 \
  --confidence 0.9 --json -q > several.json
python3 -c '
import json
one, several = (json.load(open(name)) for name in ("one.json", "several.json"))
row = one["rows"][0]
print(one["protocol"], one["episodes"], one["unlabelled"], len(row["digest"]), row["soft_opc"]["interval"][0] <= row["soft_opc"]["value"])
print(0 <= row["opc"]["value"] <= 1, "agreement" in one)
print(len(several["rows"]), several["rows"][1]["measured"], several["agreement"]["soft_opc"]["spearman"])'
qt-eval --protocol offline $model --logged $FIXTURES/labelled.mcap -n 1 -q | head -n 1 | tr -s " "
qt-eval --protocol offline $model --logged $FIXTURES/labelled.mcap --dry-run
try() { qt-eval --protocol offline "$@" > out.txt && echo accepted || echo $?; }
try $model
try --logged $FIXTURES/labelled.mcap
try $model --logged $FIXTURES/labelled.mcap --measured 0.5
try $model --logged $FIXTURES/labelled.mcap --until 0.02
try $model --logged $FIXTURES/labelled.mcap --cem 16/4/2
try $model --logged missing.mcap
try $model --logged $FIXTURES/labelled.mcap --label human
try scripted --logged $FIXTURES/labelled.mcap
try $model --logged $FIXTURES/truncated_tail.mcap --label sim
qt-eval scripted --logged $FIXTURES/labelled.mcap || echo $?
