# Pictures by a camera on the gripper: a labeller of their own, and a voice in the vote where they exist.
sources() { qt-data dump $1 | grep -o '"[a-z_]*/[0-9]":{' | sort | uniq -c; }
qt-label $FIXTURES/viewed.mcap -o all.mcap
sources all.mcap
qt-label -q $FIXTURES/episodes.mcap -o two.mcap
sources two.mcap
qt-label $FIXTURES/viewed.mcap --labeller gripper_view -o view.mcap
qt-label $FIXTURES/viewed.mcap --labeller gripper_view --min-gripper-change 100 -o never.mcap
qt-label $FIXTURES/episodes.mcap --labeller gripper_view -o none.mcap
qt-label -q $FIXTURES/viewed.mcap -o explained.mcap --explain why
ls why | wc -l
