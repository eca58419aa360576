# The recorded clock starts at SOURCE_DATE_EPOCH if that is set.
qt-collect -q -n 1 --seed 1 --start-time 1600000000 -o flag.mcap
SOURCE_DATE_EPOCH=1600000000 qt-collect -q -n 1 --seed 1 -o environment.mcap
cmp flag.mcap environment.mcap
