manners --wait &
pid=$!
sleep 0.3
kill -TERM $pid
wait $pid || echo $?
