samples=$FORMATS/episode/samples
cp $samples/good/two.mcap good.mcap
cp $samples/bad/flipped_bit.mcap $samples/foreign/bag_jpeg.mcap $samples/foreign/uncompressed.mcap .
qt-data check good.mcap
qt-data check flipped_bit.mcap $FIXTURES/text.txt || echo $?
qt-data check --errors-only --camera-topic /cam/image_raw bag_jpeg.mcap || echo $?
qt-data check < uncompressed.mcap || echo $?
mkdir spool
cp good.mcap spool/
cat good.mcap good.mcap > spool/joined.mcap
qt-data check spool || echo $?
qt-data check --errors-only spool
