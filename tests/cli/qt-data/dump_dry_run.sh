qt-data dump --dry-run --images pictures $FIXTURES/episodes.mcap -o a.json
ls -A
