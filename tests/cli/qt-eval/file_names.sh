# A policy whose file name is not UTF-8: lines, report and page are written all the same.
cp $FIXTURES/model.safetensors $'caf\xe9.safetensors'
qt-eval $'caf\xe9.safetensors' -n 1 --seed 1 -q --json --episodes lines.ndjson --report page.html > report.json
python3 -c '
import json
for name in ("lines.ndjson", "report.json"):
    print(ascii(json.load(open(name, encoding="utf-8"))["policy"]))'
grep -c '</html>' page.html
