# Disturbances and several policies: a table against the first row.
qt-eval scripted --protocol disturb -n 1 --seed 2 --num-envs 2 | cut -d' ' -f1
qt-eval scripted random --protocol ablate -n 2 --seed 2 --num-envs 2 --json -q | python3 -c '
import json, sys
r = json.load(sys.stdin)
row = r["rows"][0]
print(r["policy"], row["policy"], row["episodes"], row["paired"]["episodes"], "p_holm" in row["paired"])'
try() { qt-eval "$@" && echo accepted || echo $?; }
try scripted --protocol ablate
try scripted --protocol disturb --disturb light
try scripted --protocol disturb --record x.mcap
try scripted random --protocol ablate --against random
try scripted random --protocol ablate --sprt 0.5/0.9
try scripted --until 0.1 --sprt 0.5/0.9
try scripted --protocol bin --until 0.1
try scripted --until 5
try scripted --sprt 0.9/0.8
try scripted --sprt 0.8/0.9 --require 0.9
try scripted --against random --sprt 0.4/0.6 --require better
