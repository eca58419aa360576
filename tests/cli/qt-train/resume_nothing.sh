qt-train -q $FIXTURES/labelled.mcap -o run --resume --steps 1 || echo $?
ls -A
