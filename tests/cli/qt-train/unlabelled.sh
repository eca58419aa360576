# A label source that nobody used: there is nothing to learn from.
qt-train $FIXTURES/labelled.mcap --label nobody -o run --steps 1 || echo $?
ls -A
