# A shard on standard input has no folder: numbers that were deflated are recognised. A pipe of tools works.
python3 $CASES/../support/make_rlds.py kuka/0.1.0
cat kuka/0.1.0/kuka-train.tfrecord-00001-of-00003 | qt-data import --from rlds -q | qt-data info | head -n 1
cat kuka/0.1.0/*-of-00003 | qt-data import --from rlds - -q | qt-data dump | head -n 1 | cut -c 1-32
