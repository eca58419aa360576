# Four episodes are too few; a hundred of them are enough.
qt-label --calibrate $FIXTURES/episodes.mcap -o edge.json || echo $?
ls -A
qt-label -q --calibrate $(for i in $(seq 60); do echo $FIXTURES/episodes.mcap; done) -o edge.json || echo $?
ls -A
echo '{"kind": "qt-label calibration", "labeller": "image_diff/3", "min_change": 200}' > strict.json
qt-label $FIXTURES/episodes.mcap -o strict.mcap --calibration strict.json
echo '{"kind": "a recipe"}' > recipe.json
qt-label $FIXTURES/episodes.mcap -o b.mcap --calibration recipe.json || echo $?
qt-label $FIXTURES/episodes.mcap -o b.mcap --calibration missing.json || echo $?
