# A policy that comes with the tools has a name. A file wins nowhere: a name has no suffix and no slash.
qt-eval aligned-64 -n 1 --seed 3 --json > report.json 2> log || cat log
python3 -c 'import json; r = json.load(open("report.json")); print(r["policy"], r["policy_name"], r["digest"][:8])'
qt-eval scripted -n 1 --seed 3 --against aligned-64 --json > report.json 2> log || cat log
python3 -c 'import json; r = json.load(open("report.json")); print(r["against"]["policy"], r["against"]["digest"][:8])'
qt-eval ./aligned-64 -n 1 || echo $?
qt-eval aligned-46 -n 1 || echo $?
