# Never binary to a terminal.
script -qec 'qt-collect -n 1 --seed 1' typescript < /dev/null | tr -d '\r'
