# A filter would delete: only on request.
for i in 0-1 2-3; do qt-data cat -q $FIXTURES/labelled.mcap --episodes $i -o $i.mcap; done
qt-data compact 0-1.mcap 2-3.mcap --episodes 1- -o a.mcap || echo $?
qt-data compact 0-1.mcap 2-3.mcap --episodes 1- --discard -o a.mcap
for flags in --success --failure '--policy x' '--where steps>1' '--label sim'; do
  qt-data compact --dry-run -q a.mcap $flags --discard -o b.mcap
done
ls
