# SIGTERM saves.
qt-train -q $FIXTURES/labelled.mcap -o run --steps 1000000 --batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 \
  --tower-channels 4 --threads 1 --updaters 0 --log-steps 1 &
pid=$!
for _ in $(seq 600); do [ -s run/metrics.jsonl ] && break; sleep 0.1; done
kill -TERM $pid
wait $pid || echo $?
ls run/policy.safetensors
