# Nothing can change by more than 255 levels: no success at all.
qt-label $FIXTURES/episodes.mcap --threshold 255 --floor-threshold 200 --noise-factor 5 --floor-threshold 40 --min-area 0.001 --min-change 100 \
  --step-reward -0.1 -o out.mcap --progress off
