# The best policy by held-out evaluation, beside the training and once more at its end.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --act-cem 8/2/1 --tower-channels 4 --threads 1 --updaters 0'
qt-train -q $FIXTURES/labelled.mcap -o run $tiny --steps 6 --log-steps 1 --evaluate-every 2 --evaluate-episodes 2 \
  --evaluate-objects h1 --json | grep -o '"held_out":{"step":6,"episodes":2'
ls run/best.safetensors
grep -o '"episodes":2' run/best.json
tail -n 1 run/metrics.jsonl | grep -o '"success[a-z_]*"'
