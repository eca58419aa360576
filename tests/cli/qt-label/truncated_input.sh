# What is whole is kept, and the loss is in the exit status.
qt-label $FIXTURES/truncated_tail.mcap -o out.mcap || echo $?
qt-label $FIXTURES/truncated_head.mcap -o head.mcap || echo $?
ls -A
