qt-collect --json -n 2 --seed 1 -o out.mcap --progress off
qt-collect --json -n 2 --seed 1 || echo $?
