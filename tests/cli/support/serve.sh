# For cases of qt-serve: start FLAGS... starts a server of $model and waits until it is ready (its talk goes to the file
# log); stop ends it and says how. Sourced.
export PYTHONPATH=$FORMATS/../tests/support
model=${model:-$FIXTURES/model.safetensors}
start() {
  : >> log
  qt-serve "$model" "$@" 2>> log &
  server=$!
  for _ in $(seq 600); do
    if grep -q 'ready at' log; then return; fi
    kill -0 $server 2> /dev/null || break
    sleep 0.05
  done
  cat log >&2
  return 1
}
stop() {
  kill -TERM $server
  wait $server && echo "ended with 0" || echo "ended with $?"
}
