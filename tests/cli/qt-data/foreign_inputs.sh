try() { qt-data "$@" > out.txt || echo $?; cat out.txt; }
try dump $FIXTURES/text.txt
try dump $FIXTURES/empty.mcap
qt-data info $FIXTURES/text.txt > /dev/null || echo $?
try dump no-such.mcap
