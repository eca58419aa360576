qt-label no-such.mcap -o out.mcap || echo $?
ls -A
