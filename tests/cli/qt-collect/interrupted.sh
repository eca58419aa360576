# What was finished before the signal is kept, in a file that is complete.
qt-collect -q -n 100000 --seed 1 -o out.mcap &
pid=$!
written() { cat .out.mcap.*.tmp 2> /dev/null | wc -c; }
for _ in $(seq 600); do [ "$(written)" -gt 30000 ] && break; sleep 0.1; done
kill -TERM $pid
wait $pid || echo $?
ls -A
tail -c 8 out.mcap | od -An -c
