# Files are read as they arrive, once each; what is hidden or half there is not. A signal ends it.
mkdir spool
qt-data dump --follow $FIXTURES/episodes.mcap || echo $?
qt-data dump --follow spool -o out.json || echo $?
cp $FIXTURES/episodes.mcap spool/a.mcap
: > out.json  # the shell behind the & may come to it late
qt-data dump --follow spool > out.json &
lines() { for _ in $(seq 100); do [ "$(wc -l < out.json)" = "$1" ] && break; sleep 0.05; done; wc -l < out.json; }
lines 4
cp $FIXTURES/episodes.mcap spool/.b.tmp
sleep 0.1
mv spool/.b.tmp spool/b.mcap
lines 8
ln spool/b.mcap spool/c.mcap
lines 12
kill $!
wait $! || echo $?
