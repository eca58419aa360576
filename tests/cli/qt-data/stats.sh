F=$FIXTURES/labelled.mcap
qt-data stats $F | cut -c1-26 | sed 's/ *$//'
qt-data stats --json --progress off $F > stats.json
python3 - <<'PY'
import json
s = json.load(open("stats.json"))
print(s["tool"], s["exit_status"], s["episodes"])
print(s["steps"]["min"] <= s["steps"]["median"] <= s["steps"]["max"], s["action"]["dx_m"]["count"] == s["state"]["height_m"]["count"])
a = s["agreement"][0]
print(len(s["agreement"]), a["first"].split("/")[0], a["second"].split("/")[0], a["episodes"], a["both"] + a["only_first"] + a["only_second"] + a["neither"])
PY
