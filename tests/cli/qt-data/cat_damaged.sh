# What is intact is kept and the loss is said.
qt-data cat $FIXTURES/truncated_tail.mcap -o a.mcap || echo $?
qt-data info a.mcap | grep -E '^(episodes|damage)'
# A file that is missing is named before anything is written.
qt-data cat $FIXTURES/episodes.mcap missing.mcap -o b.mcap || echo $?
ls
