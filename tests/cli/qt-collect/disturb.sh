# Recorded with each episode; repeatable.
qt-collect -q -n 3 --seed 1 --disturb heavy -o a.mcap
qt-collect -q -n 3 --seed 1 --disturb heavy --num-envs 1 -o b.mcap
cmp a.mcap b.mcap
qt-data dump a.mcap | grep -c '"disturbance":{"kind":"heavy","applied":true,"mass_factor":'
qt-collect -q -n 1 --seed 1 --disturb flood || echo $?
