try() { qt-collect -n 1 --seed 1 -o out.mcap "$@" || echo $?; }
try --robot cell7
try --robot exec:
try --robot exec:true --objects h2 --camera top
try --robot exec:true --serve-robot
try --robot 'exec:echo no arm here >&2; exit 5'
try --robot 'exec:echo hello'
try --serve-robot --json < /dev/null
ls -A
