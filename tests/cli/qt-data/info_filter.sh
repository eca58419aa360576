# The same flags as everywhere; what is left out is counted.
F=$FIXTURES/labelled.mcap
for flags in --success --failure '--policy model' '--where steps>3' '--episodes 0-1' '--label sim'; do
  python3 -c 'import json, sys; i = json.load(sys.stdin); print(i["episodes"] + i["left_out"] <= 4, i["success"]["count"] in range(5))' \
    < <(qt-data info --json $flags $F)
done
qt-data info --episodes 0-1 $F | grep -E '^(episodes|unlabelled|runs|damage)'
qt-data info --label human --json $F | python3 -c 'import json, sys; print(json.load(sys.stdin)["success"])'
qt-data info $F $F | grep duplicates
