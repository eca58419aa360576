# Another run's settings for a new one, which its folder can be repeated from; flags win over them.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --act-cem 16/4/1 --tower-channels 4 --updaters 0'
qt-train -q $FIXTURES/labelled.mcap -o first $tiny --steps 3 --learning-rate 1e-3
qt-train -q $FIXTURES/labelled.mcap -o again --like first
losses() { sed 's/"q_mean.*//' $1/metrics.jsonl; }
[ "$(losses first)" = "$(losses again)" ] && echo same
qt-train -q $FIXTURES/labelled.mcap -o other --like first/ --steps 2
python3 -c '
import json
config = json.load(open("other/config.json"))
print(config["steps"], config["learning_rate"], config["batch_size"])
print(config["history"][0]["command_line"].split(" ", 3)[3])'
qt-train $FIXTURES/labelled.mcap -o new --like nothere || echo $?
qt-train $FIXTURES/labelled.mcap -o first --resume --like other || echo $?
