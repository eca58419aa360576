# Recorded with each episode, and only then; repeatable.
qt-collect -q -n 2 --seed 1 --arm iiwa -o a.mcap
qt-collect -q -n 2 --seed 1 --arm iiwa --num-envs 1 -o b.mcap
cmp a.mcap b.mcap
qt-data dump a.mcap | grep -c '"arm":"iiwa"'
qt-collect -q -n 1 --seed 1 --arm none -o c.mcap
qt-data dump c.mcap | grep -c '"arm":' || true
qt-collect -q -n 1 --seed 1 --arm ur5 || echo $?
