# The same flags choose episodes in every command.
F=$FIXTURES/labelled.mcap
count() { qt-data dump "$@" $F | wc -l; }
success=$(count --success)
failure=$(count --failure)
echo $((success + failure))
qt-data cat -q --success $F | qt-data dump | wc -l | grep -qx $success
count --policy scri
count --policy '*crip*'
count --policy model
count --where 'steps>0 && env.camera=shoulder, policy=scripted'
count --where 'steps>100'
count --episodes 1,3
count --label sim --where 'source=sim'
count --label vote --where 'source=vote/* && labels=2'
count --label human --where 'labelled=no'
count --label human --success
for flags in --success --failure '--policy model' '--where steps>3' '--episodes 0-1' '--label sim'; do
  qt-data cat -q $flags $F -o cat.mcap --force
  qt-data dump cat.mcap | wc -l | grep -qx $(count $flags)
done
