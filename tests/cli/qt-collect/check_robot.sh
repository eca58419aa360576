try() { qt-collect "$@" || echo $?; }
try --check-robot sim
try --check-robot exec:true --serve-robot
try --check-robot exec:true --robot exec:true
try --check-robot exec:true --dry-run
# One that is no driver: the rest is not tried.
try -q --check-robot "exec:echo 'VendorSDK 3.1'"
try -q --check-robot "exec:exit 5" --json
