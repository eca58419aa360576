# One stream of what is in the folder and what arrives there; a signal ends it as a finished file.
mkdir spool
cp $FIXTURES/episodes.mcap spool/a.mcap
qt-data cat --follow spool > all.mcap &
await() { for _ in $(seq 100); do [ "$(qt-data dump all.mcap 2> /dev/null | wc -l)" = "$1" ] && break; sleep 0.05; done; }
await 4
cp $FIXTURES/labelled.mcap spool/.b.tmp
mv spool/.b.tmp spool/b.mcap
await 8
kill $!
wait $! || echo $?
qt-data check --errors-only all.mcap
qt-data cat --follow spool -o all.mcap || echo $?
