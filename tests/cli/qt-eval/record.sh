qt-eval scripted -n 2 --seed 1 --record out.mcap -q > report.txt
qt-eval scripted -n 2 --seed 1 --record out.mcap -q || echo $?
qt-eval scripted -n 2 --seed 1 --record out.mcap -q --force > again.txt
cmp report.txt again.txt
qt-data dump out.mcap | wc -l
ls -A
