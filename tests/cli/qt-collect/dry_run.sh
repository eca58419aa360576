qt-collect -n 2 --seed 1 --dry-run -o out.mcap
ls -A
