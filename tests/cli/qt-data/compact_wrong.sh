try() { qt-data compact "$@" < /dev/null || echo $?; }
try
try -
try a.mcap b.mcap
try a.mcap -o -
try no-such-folder/
try $FIXTURES/episodes.mcap
mkdir spool
echo '{"skip_larger": 0.000001, "output": "spool"}' > c.json
try -v --config c.json spool
qt-data cat -q $FIXTURES/episodes.mcap -o spool/a.mcap
qt-data cat -q $FIXTURES/episodes.mcap -o spool/b.mcap
try --skip-larger 0.001 spool
ls spool
