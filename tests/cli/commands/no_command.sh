commands || echo $?
commands ad || echo $?
commands --hepl || echo $?
commands --count 3 add || echo $?
commands look --count 3 || echo $?
commands look word || echo $?
commands add --dry-run || echo $?
