qt-collect -q -n 1 --seed 1 -o spool/
qt-collect -q -n 1 --seed 2 -o spool/
ls spool | wc -l
ls -A spool
