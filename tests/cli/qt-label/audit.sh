# --audit compares labels with a reference and writes no episodes.
qt-label --audit sim $FIXTURES/labelled.mcap
qt-label --json --audit sim --label vote/2 < $FIXTURES/labelled.mcap
try() { qt-label "$@" $FIXTURES/labelled.mcap && echo accepted || echo $?; }
try --audit human:ada
try --audit sim --label opening/1
try --audit sim -o out.mcap
try --audit sim --calibrate
try --label vote/2
ls -A
