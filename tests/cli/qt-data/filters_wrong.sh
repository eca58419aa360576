F=$FIXTURES/labelled.mcap
for command in dump cat compact; do
  qt-data $command $F --success --failure || echo $?
  qt-data $command $F --where 'stepz>5' 2> error.txt || echo $?
  sed 's/; there are .*, env.NAME/; there are .../' error.txt >&2
  qt-data $command $F --episodes 5-3 || echo $?
done
qt-data dump $F --where 'steps>5 & policy=x' || echo $?
