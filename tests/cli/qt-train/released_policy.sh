# A policy that comes with the tools has a name.
qt-train $FIXTURES/labelled.mcap -o would --init aligned-64 --dry-run 2>&1
qt-train $FIXTURES/labelled.mcap -o would --init aligned-46 --dry-run || echo $?
