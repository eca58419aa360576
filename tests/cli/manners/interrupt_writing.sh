manners --num-lines 9999999 -o out.txt &
pid=$!
sleep 0.1
kill -TERM $pid
wait $pid || echo $?
ls -A
