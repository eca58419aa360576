# Blocked on a pipe that says nothing: one signal is enough, and nothing stays behind.
. "$CASES/../support/signals.sh"
mkfifo pipe
sleep 20 > pipe &
sleeper=$!
manners -o out.txt < pipe &
pid=$!
await_handler $pid
sleep 0.3
kill -TERM $pid
wait $pid || echo $?
kill $sleeper
ls -A
