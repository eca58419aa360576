qt-train $FIXTURES/labelled.mcap -o run --steps 1 --dry-run
ls -A
