F=$FIXTURES/labelled.mcap
qt-data view $F || echo $?
qt-data view $F -o a.jpg || echo $?
qt-data view $F --where 'steps>100' -o a.png || echo $?
# Without ffmpeg, and with one that fails.
mkdir none broken
for tool in bash; do ln -s "$(command -v $tool)" none/; done
data=$(command -v qt-data)
PATH=$PWD/none $data view $F -o a.mp4 || echo $?
printf '#!/bin/sh\necho first >&2\necho "the disk is full" >&2\nexit 3\n' > broken/ffmpeg
chmod +x broken/ffmpeg
PATH=$PWD/broken:$PATH $data view $F --episodes 0 --size 64 -o a.mp4 || echo $?
ls -A
echo '{"output": "b.png", "columns": 1}' > c.json
qt-data view -v --config c.json $F
