. "$CASES/../support/signals.sh"
manners --num-lines 9999999 -o out.txt &
pid=$!
await_handler $pid
sleep 0.1
kill -TERM $pid
wait $pid || echo $?
ls -A
