# await_handler PID: waits until a process catches SIGTERM; one that comes earlier ends it as the system does. Sourced.
await_handler() {
  until (((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") & 0x4000) != 0)); do sleep 0.02; done
}
