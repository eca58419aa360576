# The first of those that are chosen; a bag with nothing but a camera can be drawn, too.
F=$FIXTURES/labelled.mcap
qt-data view -q $F --episodes 2 -o a.png
qt-data view $F --where 'index>=2' --limit 1 -o b.png
cmp a.png b.png
bag=$FORMATS/episode/samples/foreign
topic=$(ls $bag/*.topic | head -n 1)
qt-data view -q ${topic%.topic}.mcap --camera-topic "$(cat $topic)" -o bag.png
ls
