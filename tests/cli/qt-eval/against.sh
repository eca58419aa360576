# The same policy twice in the same scenes cannot be better than itself.
qt-eval scripted --against scripted -n 3 --seed 1 --confidence 0.9 --require better -q > report.txt || echo $?
grep -c scripted report.txt
qt-eval random -n 2 --seed 1 --require 0.99 -q > report.txt || echo $?
qt-eval random -n 2 --seed 1 --require 0.0 -q > report.txt
