samples=$FORMATS/episode/samples/foreign
cp $samples/bag_jpeg.mcap bag.mcap
qt-data dump --camera-topic /cam/image_raw bag.mcap | cmp - $samples/bag_jpeg.json
qt-data dump --camera-topic /eye bag.mcap || echo $?
qt-data dump bag.mcap || echo $?
