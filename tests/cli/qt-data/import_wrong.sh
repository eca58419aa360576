try() { qt-data import "$@" -o a.mcap || echo $?; }
try kuka
try --from hdf5 kuka
try --from rlds --shards 3-1 kuka
try --from rlds --max-episodes -1 kuka
# Nobody waits for the writer of a pipe.
mkdir -p p/0.1.0
: > p/0.1.0/x-train.tfrecord-00000-of-00001
mkfifo p/0.1.0/features.json
try --from rlds p/0.1.0
rm -r p
ls -A
