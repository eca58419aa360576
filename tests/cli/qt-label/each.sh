# One file for each, of the same name; a second run has nothing left to do.
mkdir spool
cp $FIXTURES/episodes.mcap spool/a.mcap
qt-label --each spool -o labelled/
cp $FIXTURES/labelled.mcap spool/b.mcap
echo half > spool/.c.mcap.tmp
qt-label --each spool -o labelled/ --json
qt-label --each spool/b.mcap -o labelled/ --force
ls -A labelled
qt-data dump labelled | grep -c image_diff
# An input that cannot be used is no reason to stop; it stays to be tried again.
cp $FIXTURES/text.txt spool/c.mcap
cp $FIXTURES/truncated_tail.mcap spool/d.mcap
qt-label -q --each spool -o labelled/ || echo $?
ls -A labelled
