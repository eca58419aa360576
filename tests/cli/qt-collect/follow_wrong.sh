try() { qt-collect "$@" && echo accepted || echo $?; }
try --follow -n 1 -o spool/
try --follow --policy run/policy.safetensors -o grasps.mcap
try --follow --policy late.safetensors -o spool/ &
sleep 1
kill -TERM $(ps --ppid $! -o pid=)
wait
ls -A
