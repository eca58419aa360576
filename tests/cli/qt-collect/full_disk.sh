qt-collect -n 2 --seed 1 > /dev/full
