qt-eval scripted --num-episodes 4 --seed 3 --num-envs 1 --episodes one.json -q > one.txt
qt-eval scripted --num-episodes 4 --seed 3 --num-envs 3 --episodes three.json -q > three.txt
cmp one.json three.json
cmp one.txt three.txt
wc -l < one.json
