# A run as small as it gets, with every knob.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --act-cem 16/4/1 --tower-channels 4 --threads 1'
qt-train -q $FIXTURES/labelled.mcap -o run $tiny --steps 4 --checkpoint-steps 2 --log-steps 1 --keep 1 \
  --replay-bytes 64M --seed 1 --label vote/2 --discount 0.9 --polyak 0.99 --lag-steps 2 --return-floor-steps 0 \
  --target-refresh-steps 1 --updaters 0 --targets-per-step 2 --state-input paper --learning-rate 1e-3 --weight-decay 0 \
  --actions 2 --no-compose --balance 0.5 --disturbed-share 0.5 --intervention-weight 4 --no-augment --termination rule --progress off
test -s run/policy.safetensors
test -s run/metrics.jsonl
qt-train -q $FIXTURES/labelled.mcap -o other $tiny --steps 1 --updaters 1 --compose --augment --state-input image
