# SIGTERM ends a server that waits for requests, after it has answered what it had read.
mkfifo in
{ echo '{"type":"hello","protocol":1}'; exec sleep 60; } > in &
sleeper=$!
qt-serve $FIXTURES/model.safetensors --stdio < in > out.json &
pid=$!
for _ in $(seq 300); do [ -s out.json ] && break; sleep 0.1; done
kill -TERM $pid
wait $pid || echo $?
kill $sleeper
grep -c '"hello"' out.json
