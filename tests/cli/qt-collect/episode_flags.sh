qt-collect -q -n 2 --seed 1 --policy random --max-steps 3 --termination learned --no-label-truth --no-drop-test \
  --start-time 1600000000 -o a.mcap
qt-collect -q -n 1 --seed 1 --policy scripted:aimed --epsilon 0.5 -o b.mcap
# The gripper's view adds pictures, and is not there without a drop test.
for flags in --gripper-view --no-gripper-view '--gripper-view --no-drop-test'; do
  qt-collect -q -n 2 --seed 1 $flags -o view.mcap --force
  qt-data dump view.mcap | grep -o '"name":"[a-z_]*"' | sort | uniq -c
done
