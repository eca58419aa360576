qt-eval scripted -n 2 --seed 1 --record out.mcap -q
qt-eval scripted -n 2 --seed 1 --record out.mcap -q || echo $?
qt-eval scripted -n 2 --seed 1 --record out.mcap -q --force
qt-data info --json out.mcap | grep -o '"episodes":[0-9]*'
ls -A
