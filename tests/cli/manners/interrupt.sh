. "$CASES/../support/signals.sh"
manners --wait &
pid=$!
await_handler $pid
sleep 0.3
kill -TERM $pid
wait $pid || echo $?
