qt-eval scripted -n 1 --seed 1 --json -q > /dev/full || echo $?
qt-eval scripted -n 1 --seed 1 -q --episodes - > /dev/full || echo $?
