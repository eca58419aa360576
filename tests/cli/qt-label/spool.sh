mkdir in
cp $FIXTURES/episodes.mcap in/
qt-label -q in -o out/
ls -A out
