try() { qt-label "$@" -o out.mcap || echo $?; }
try $FIXTURES/text.txt
try $FIXTURES/empty.mcap
qt-label < $FIXTURES/text.txt > /dev/null || echo $?
ls -A
