# A socket that cannot be made, or is taken.
. "$CASES/../support/serve.sh"
touch file
qt-serve $FIXTURES/model.safetensors --socket file || echo $?
qt-serve $FIXTURES/model.safetensors --socket no/where || echo $?
qt-serve $FIXTURES/model.safetensors --socket $(printf 'x%.0s' $(seq 120)) || echo $?
start --socket s
qt-serve $FIXTURES/model.safetensors --socket s || echo $?
kill -KILL $server
{ wait $server || true; } 2> /dev/null
: > log
start --socket s   # what the killed one has left is taken over
stop
