qt-data dump --images pictures $FIXTURES/episodes.mcap --output a.json
for file in pictures/*; do head -c 2 "$file" | od -An -tx1; done | sort -u
