commands add a b --count 4
commands add -c 2 a
commands look --json | sed 's/"version":"[^"]*"/"version":V/'
commands look --deep || echo $?
