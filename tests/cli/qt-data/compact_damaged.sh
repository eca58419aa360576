# A damaged file is neither copied nor removed.
mkdir spool
qt-data cat -q $FIXTURES/episodes.mcap --episodes 0-1 -o spool/a.mcap
qt-data cat -q $FIXTURES/episodes.mcap --episodes 2 -o spool/b.mcap
cp $FIXTURES/truncated_tail.mcap spool/damaged.mcap
cp $FIXTURES/text.txt spool/text.mcap
qt-data compact spool || echo $?
ls spool
