echo keep > out.mcap
qt-label -q $FIXTURES/episodes.mcap -o out.mcap || echo $?
cat out.mcap
qt-label -q $FIXTURES/episodes.mcap --output out.mcap --force
head -c 5 out.mcap | od -An -c
