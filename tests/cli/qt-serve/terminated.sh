mkfifo in
sleep 30 > in &
sleeper=$!
qt-serve $FIXTURES/model.safetensors --stdio < in > out.bin &
pid=$!
for _ in $(seq 300); do [ -s out.bin ] && break; sleep 0.1; done
kill -TERM $pid
wait $pid || echo $?
kill $sleeper
