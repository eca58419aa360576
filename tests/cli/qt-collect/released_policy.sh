# A policy that comes with the tools has a name; with --follow it is a file that is watched.
qt-collect -q --policy aligned-64 -n 1 --seed 3 --max-steps 1 -o one.mcap
qt-data info --json one.mcap | grep -o '"model:[^"]*"' | head -n 1
mkdir new
timeout -s INT 60 qt-collect -q --policy aligned-64 --follow -n 1 --seed 3 --max-steps 1 -o new/
ls new | wc -l
