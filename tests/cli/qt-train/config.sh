echo '{"batch_size": 4, "train_buffer_size": 16, "target_cem": "8/2/1", "tower_channels": 4, "threads": 1,
  "updaters": 0, "steps": 1, "output": "run"}' > c.json
qt-train -q --config c.json $FIXTURES/labelled.mcap
echo '{"stpes": 4}' > c.json
qt-train --config c.json $FIXTURES/labelled.mcap || echo $?
ls
