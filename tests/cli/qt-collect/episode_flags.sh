qt-collect -q -n 2 --seed 1 --policy random --max-steps 3 --termination learned --no-label-truth --no-drop-test \
  --start-time 1600000000 -o a.mcap
qt-collect -q -n 1 --seed 1 --policy scripted:aimed --epsilon 0.5 -o b.mcap
