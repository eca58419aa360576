qt-eval scripted -v -n 1 --seed 1 > report.txt 2> talk.txt
test -s report.txt
