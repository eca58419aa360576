# A checkpoint is a step in digits: a copy under another name is neither gone on from nor removed, and a new run does
# not take up the checkpoints of another.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --tower-channels 4 --threads 1 --updaters 0'
qt-train -q $FIXTURES/labelled.mcap -o run $tiny --steps 4 --checkpoint-steps 1 --keep 0
cp run/checkpoints/step-00000002.safetensors run/checkpoints/step-best.safetensors
qt-train $FIXTURES/labelled.mcap -o run $tiny --steps 5 --keep 2 --resume 2>&1 | grep 'goes on'
ls run/checkpoints
mkdir other
cp -r run/checkpoints other
qt-train -q $FIXTURES/labelled.mcap -o other $tiny --steps 1 || echo $?
qt-train -q $FIXTURES/labelled.mcap -o other $tiny --steps 1 --force
ls other/checkpoints
