try() { qt-train "$@" < /dev/null && echo accepted || echo $?; }
try --stpes 3
try --steps 3
try -o - --steps 3
try -o run --steps 0
try -o run --target-cem 64
try -o run --act-cem x/y/z
try -o run --replay-bytes 3X
try -o run --state-input all
try -o run --discount 1.5
try -o run --architecture fifth
try -o run --targets moving
try -o run --step-reward 0.5
try -o run --step-reward some
ls -A
