qt-eval scripted --num-episodes 4 --seed 3 --num-envs 1 --episodes one.json -q
qt-eval scripted --num-episodes 4 --seed 3 --num-envs 3 --episodes three.json -q
cmp one.json three.json
wc -l < one.json
