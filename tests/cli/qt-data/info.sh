qt-data info $FIXTURES/labelled.mcap | head -n 1
qt-data info - < $FIXTURES/labelled.mcap > piped.txt
qt-data info < $FIXTURES/labelled.mcap | cmp - piped.txt
