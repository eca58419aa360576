# One picture for each decision.
qt-label -q $FIXTURES/episodes.mcap -o a.mcap --explain why
ls why | wc -l
for picture in why/*.png; do head -c 4 "$picture" | od -An -c; done
qt-label -q $FIXTURES/episodes.mcap -o b.mcap --explain doubts --explain-which doubtful
qt-label -q $FIXTURES/episodes.mcap -o c.mcap --explain wrong --explain-which wrong
qt-label -q $FIXTURES/episodes.mcap -o d.mcap --explain why || echo $?
cmp a.mcap b.mcap && echo same labels
