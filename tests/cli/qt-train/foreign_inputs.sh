try() { qt-train "$@" -o run --steps 1 || echo $?; }
try $FIXTURES/text.txt
try no-such.mcap
try $FIXTURES/empty.mcap
qt-train -o run --steps 1 < /dev/null || echo $?
ls -A
