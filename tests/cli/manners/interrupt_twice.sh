# The second signal kills a tool that does not end by itself.
. "$CASES/../support/signals.sh"
manners --hang &
pid=$!
await_handler $pid
sleep 0.2
kill -TERM $pid
sleep 0.1
kill -TERM $pid
wait $pid 2> /dev/null || echo $?
