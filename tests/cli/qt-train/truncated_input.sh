# What is whole is learned from, and the loss is in the exit status.
qt-train -q $FIXTURES/truncated_tail.mcap -o run --steps 1 --batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 \
  --tower-channels 4 --threads 1 --updaters 0 || echo $?
ls run/policy.safetensors
