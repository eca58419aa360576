try() { qt-data "$@" && echo accepted || echo $?; }
try
try dmup
try info --jsno
try dump --image x
try --image info
ls -A
