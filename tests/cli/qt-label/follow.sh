# Labels what is there and what arrives, until it is told to stop.
mkdir spool
cp $FIXTURES/episodes.mcap spool/a.mcap
qt-label --follow spool -o labelled/ &
await() { for _ in $(seq 100); do [ -e "$1" ] && break; sleep 0.05; done; ls -A labelled; }
await labelled/a.mcap
cp $FIXTURES/episodes.mcap spool/.b.tmp
mv spool/.b.tmp spool/b.mcap
await labelled/b.mcap
kill $!
wait $! || echo $?
# Into a pipe it is one stream, and a finished one.
qt-label --follow spool > all.mcap &
for _ in $(seq 100); do [ "$(qt-data dump all.mcap 2> /dev/null | wc -l)" = 8 ] && break; sleep 0.05; done
kill $!
wait $! || echo $?
qt-data dump all.mcap | wc -l
