qt-eval scripted -n 1 --seed 1 --arm iiwa --json --progress off | grep -o '"arm":"iiwa"'
qt-eval scripted -n 1 --seed 1 --json --progress off | grep -c '"arm"' || true
