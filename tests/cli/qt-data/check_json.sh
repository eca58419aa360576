qt-data check --json $FORMATS/episode/samples/bad/flipped_bit.mcap > check.json || echo $?
python3 - <<'END'
import json
report = json.load(open("check.json"))
print(report["exit_status"], report["files"], report["episodes"], report["errors"], report["warnings"])
for finding in report["findings"]:
    print(finding["offset"], finding["severity"], finding["rule"], finding["message"])
END
