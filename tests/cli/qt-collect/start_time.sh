# The recorded clock starts at SOURCE_DATE_EPOCH if that is set.
qt-collect -q -n 1 --seed 1 --start-time 1600000000 -o flag.mcap
SOURCE_DATE_EPOCH=1600000000 qt-collect -q -n 1 --seed 1 -o environment.mcap
cmp flag.mcap environment.mcap
for wrong in abc -5 99999999999999999999 9000000001 1e3; do
  SOURCE_DATE_EPOCH=$wrong qt-collect -q -n 1 --seed 1 -o wrong.mcap || echo $?
done
qt-collect -q -n 1 --seed 1 --start-time 9223372036854775807 -o wrong.mcap || echo $?
