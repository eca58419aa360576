try() { qt-train "$@" -o run --steps 1 || echo $?; }
try $FIXTURES/labelled.mcap --follow
try no-such-folder --follow
try --spool no-such-folder --follow
qt-train --follow -o run --steps 1 < /dev/null || echo $?
mkdir spool
cp $FIXTURES/episodes.mcap spool/
try spool/ --follow --dry-run --label nobody
ls -A
