samples=$FORMATS/episode/samples
cp $samples/bad/flipped_bit.mcap $samples/bad/cut_in_chunk.mcap $samples/foreign/bag_raw.mcap .
qt-data recover flipped_bit.mcap -o saved.mcap || echo $?
qt-data check saved.mcap
qt-data dump saved.mcap | cmp - $samples/bad/flipped_bit.json
# The start is lost: ids alone tell what is what.
tail -c +3000 $samples/good/two.mcap > headless.mcap
cp headless.mcap before.mcap
qt-data recover headless.mcap --output whole.mcap || echo $?
qt-data dump whole.mcap | cmp - $samples/good/two.json
# The input is never touched, and nothing is replaced without --force.
qt-data recover headless.mcap -o headless.mcap --force || echo $?
qt-data recover headless.mcap -o whole.mcap || echo $?
cmp headless.mcap before.mcap
qt-data recover --dry-run headless.mcap -o none.mcap || echo $?
[ ! -e none.mcap ]
qt-data recover --camera-topic /cam/image_raw bag_raw.mcap -o bag.mcap
qt-data dump bag.mcap | cmp - $samples/foreign/bag_raw.json
qt-data recover -q --json cut_in_chunk.mcap -o c.mcap > report.json || echo $?
python3 -c 'import json; r = json.load(open("report.json")); print(r["episodes"], r["lost_bytes"], [(l["offset"], l["bytes"]) for l in r["lost"]])'
