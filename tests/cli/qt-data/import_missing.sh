# A shard that is not there and one that is cut short cost no more than themselves.
python3 $CASES/../support/make_rlds.py kuka/0.1.0
cd kuka/0.1.0
rm kuka-train.tfrecord-00000-of-00003
head -c -100 kuka-train.tfrecord-00001-of-00003 > cut && mv cut kuka-train.tfrecord-00001-of-00003
qt-data import --from rlds . -o ../../a.mcap || echo $?
qt-data info ../../a.mcap | head -n 1
