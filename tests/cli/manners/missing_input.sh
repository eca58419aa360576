manners no-such-file -o out.txt || echo $?
ls -A
