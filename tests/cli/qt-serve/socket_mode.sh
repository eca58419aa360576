# The socket's file has the rights of --socket-mode, whatever the umask leaves, or those of the umask.
. "$CASES/../support/serve.sh"
umask 027
try() {
  rm -f log
  start --socket s "$@"
  stat -c %a s
  stop
}
try --socket-mode 0660
try --socket-mode=606
try
wrong() { qt-serve $model "$@" < /dev/null || echo $?; }
for mode in 9 1777 rw 0x1ff ''; do
  wrong --socket s "--socket-mode=$mode"
done
wrong --stdio --socket-mode 0660
ls
