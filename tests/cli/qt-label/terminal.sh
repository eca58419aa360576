script -qec 'qt-label $FIXTURES/episodes.mcap' typescript < /dev/null | tr -d '\r'
