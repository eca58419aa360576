tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --tower-channels 4 --threads 1 --updaters 0'
qt-train -q $FIXTURES/labelled.mcap --output run/ --steps 1 $tiny
qt-train -q $FIXTURES/labelled.mcap --output run/ --steps 1 $tiny || echo $?
qt-train -q $FIXTURES/labelled.mcap --output run/ --steps 1 $tiny --force
ls run/policy.safetensors
