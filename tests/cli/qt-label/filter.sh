qt-label < $FIXTURES/episodes.mcap > a.mcap
qt-label - < $FIXTURES/episodes.mcap -q > b.mcap
qt-label -q $FIXTURES/episodes.mcap -o c.mcap
head -c 8 c.mcap | od -An -c
ls -A
