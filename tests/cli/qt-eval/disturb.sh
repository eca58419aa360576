qt-eval scripted -n 2 --seed 1 --num-envs 2 --disturb light --json --progress off | grep -o '"disturb":"light"'
