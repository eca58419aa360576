# Blocked on a pipe that says nothing: one signal is enough, and nothing stays behind.
mkfifo pipe
sleep 20 > pipe &
sleeper=$!
manners -o out.txt < pipe &
pid=$!
sleep 0.3
kill -TERM $pid
wait $pid || echo $?
kill $sleeper
ls -A
