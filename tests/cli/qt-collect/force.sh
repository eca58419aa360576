qt-collect -q -n 1 --seed 1 -o out.mcap
qt-collect -q -n 1 --seed 2 -o out.mcap || echo $?
qt-collect -q -n 1 --seed 2 -o out.mcap --force
ls -A
