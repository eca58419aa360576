try() { qt-data import "$@" -o a.mcap || echo $?; }
try kuka
try --from hdf5 kuka
try --from rlds --shards 3-1 kuka
try --from rlds --max-episodes -1 kuka
ls -A
