# A network that does not project the gripper into the image needs no camera, and answers without one.
qt-train -q $FIXTURES/labelled.mcap --architecture add --steps 1 --tower-channels 4 --batch-size 4 --target-cem 8/2/1 \
  --act-cem 8/2/1 --updaters 0 --train-buffer-size 16 --threads 1 -o run/
python3 -c '
import json
act = json.load(open("'"$FORMATS/serve/samples/act.json"'"))
del act["camera"]
print(json.dumps({"type": "hello", "protocol": 1}))
print(json.dumps({"type": "act", "id": 1, "seed": 1, "step": 0, **act}))' > requests
for model in run/policy.safetensors $FIXTURES/model.safetensors; do
  qt-serve $model --stdio < requests | python3 -c '
import json, sys
hello, answer = (json.loads(line) for line in sys.stdin)
print(hello["needs_camera"], answer["type"], answer.get("error", {}).get("code"))'
done
