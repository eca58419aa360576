# SIGHUP, as from a terminal that is closed, ends a server as SIGTERM does.
. "$CASES/../support/serve.sh"
start --socket s
kill -HUP $server
wait $server && echo "ended with 0" || echo "ended with $?"
ls
