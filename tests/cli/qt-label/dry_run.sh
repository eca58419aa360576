qt-label $FIXTURES/episodes.mcap --dry-run -o out.mcap | wc -c
ls -A
