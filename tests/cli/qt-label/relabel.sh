# Labelled episodes pass as they are; --relabel adds a newer label.
qt-label -q $FIXTURES/labelled.mcap -o same.mcap --json
qt-label -q $FIXTURES/labelled.mcap -o newer.mcap --json --relabel --threshold 40
