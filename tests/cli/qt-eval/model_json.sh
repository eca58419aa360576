# A checkpoint, and the keys that scripts rely on.
qt-eval $FIXTURES/model.safetensors -n 2 --seed 1 --json -q > report.json
python3 -c '
import json
report = json.load(open("report.json"))
low, high = report["success"]["interval"]
print(report["tool"], report["exit_status"], report["episodes"], 0 <= low <= report["success"]["rate"] <= high <= 1)'
