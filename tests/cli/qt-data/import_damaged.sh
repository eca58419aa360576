# One byte of a record is wrong.
python3 $CASES/../support/make_rlds.py kuka/0.1.0
printf X | dd of=kuka/0.1.0/kuka-train.tfrecord-00001-of-00003 bs=1 seek=100 conv=notrunc status=none
qt-data import --from rlds kuka/0.1.0 -o a.mcap --json || echo $?
