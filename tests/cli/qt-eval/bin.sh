# Bin emptying: what was grasped is gone, and the first attempts are counted at each bin.
qt-eval scripted --protocol bin --bins 2 --attempts 2 --bin-objects 5 --objects h1 --seed 4 --num-envs 2 --json --progress off |
  python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["protocol"], r["episodes"], r["bin"]["objects"], r["bin"]["first"][0]["episodes"])'
qt-eval scripted --protocol bin --against random || echo $?
qt-eval scripted --protocol bin --record x.mcap || echo $?
qt-eval scripted --protocol bins || echo $?
