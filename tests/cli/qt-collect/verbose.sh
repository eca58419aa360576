qt-collect -v -n 1 --seed 1 -o out.mcap
