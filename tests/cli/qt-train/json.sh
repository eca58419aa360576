qt-train --json -v $FIXTURES/labelled.mcap -o run --steps 1 --batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 \
  --tower-channels 4 --threads 1 --updaters 0 2> talk.txt | grep -o '"tool":"[^"]*"\|"exit_status":[0-9]*\|"steps":[0-9]*'
