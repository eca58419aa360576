# Nothing can change by more than 255 levels: no success at all.
qt-label $FIXTURES/episodes.mcap --threshold 255 --floor-threshold 200 --noise-factor 5 --floor-threshold 40 --min-change 100 \
  --min-gripper-change 100 --min-opening 0.003 --min-height 0.12 --step-reward -0.1 -o out.mcap --progress off
qt-label $FIXTURES/episodes.mcap --labeller opening -o fingers.mcap --progress off
# Nobody is that sure.
qt-label $FIXTURES/episodes.mcap --labeller image_diff --abstain 1 -o none.mcap --progress off
