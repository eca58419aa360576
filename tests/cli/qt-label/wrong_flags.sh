try() { qt-label "$@" && echo accepted || echo $?; }
try --relable
try --threads 0
try --threshold 300
try --min-change x
ls -A
