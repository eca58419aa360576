# Named files into a named one; a copy of an episode is written once.
for i in 0 1 2; do qt-data cat -q $FIXTURES/labelled.mcap --episodes $i,3 -o $i.mcap; done
qt-data compact 0.mcap 1.mcap 2.mcap -o all.mcap
ls
qt-data dump all.mcap | wc -l
qt-data cat -q $FIXTURES/labelled.mcap -o b.mcap
qt-data compact all.mcap b.mcap --output all.mcap || echo $?
qt-data compact all.mcap b.mcap --output all.mcap --force
ls
