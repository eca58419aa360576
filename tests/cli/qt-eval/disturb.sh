qt-eval scripted -n 2 --seed 1 --num-envs 2 --disturb light --looks strong --shadows --camera-noise 2 --json --progress off | grep -o '"disturb":"light"'
