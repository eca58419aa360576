mkdir spool
try() { qt-label "$@" && echo accepted || echo $?; }
try --each $FIXTURES/episodes.mcap
try --each - -o out/
try --each none.mcap -o out/
try --each spool -o spool/
try --follow $FIXTURES/episodes.mcap -o out/
try --follow spool -o out.mcap
ls -A
