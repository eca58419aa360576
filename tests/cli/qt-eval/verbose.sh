qt-eval scripted -v -n 1 --seed 1 2> talk.txt
grep -c . talk.txt > /dev/null
