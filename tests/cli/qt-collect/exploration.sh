# With --epsilon a fifth of the actions are noise, of the paper's three kinds; every step but the last costs 0.05.
qt-collect -q -n 40 --seed 5 --epsilon 0.2 --termination learned --no-drop-test --image-size 16 --image raw -o out.mcap
qt-data dump out.mcap | python3 -c '
import json, sys
episodes = [json.loads(line) for line in sys.stdin]
steps = [step for episode in episodes for step in episode["steps"]]
noise = [step["action"] for step in steps if step["source"] == "noise"]
share = len(noise) / len(steps)
moves = sum(not (a["open"] or a["close"] or a["terminate"]) for a in noise) / len(noise)
print("a fifth is noise:", 0.14 < share < 0.26)
print("most of it moves:", 0.6 < moves < 0.9)
print("it terminates too:", any(a["terminate"] for a in noise))
print("epsilon is recorded:", all(abs(episode["exploration"] - 0.2) < 1e-6 for episode in episodes))
print("ends:", sorted({episode["end_reason"] for episode in episodes} - {"limit"}))
for episode in episodes:
    label = episode["labels"][0]
    assert label["reward"][:-1] == [label["reward"][0]] * (len(label["reward"]) - 1)
    assert abs(label["reward"][0] + 0.05) < 1e-6 or len(label["reward"]) == 1
    assert label["reward"][-1] == (1 if label["success"] else 0)'
