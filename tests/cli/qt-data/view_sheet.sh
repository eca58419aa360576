# A sheet is a PNG with a row an episode; fewer columns and smaller pictures make it smaller.
F=$FIXTURES/labelled.mcap
size() { python3 -c 'import struct, sys; b = open(sys.argv[1], "rb").read(); print(b[:8] == b"\x89PNG\r\n\x1a\n", *struct.unpack(">II", b[16:24]))' $1; }
qt-data view $F --episodes 0-1 --columns 3 -o a.png
size a.png
qt-data view -q $F --episodes 0-1 --columns 2 --size 64 --output b.png
size b.png
qt-data view -q --force $F --policy scripted --where 'steps>0' --label sim -o b.png
qt-data view $F -o b.png || echo $?
qt-data view --dry-run $F -o c.png
qt-data view --json --progress off $F --episodes 1 -o d.png | python3 -c 'import json, sys; s = json.load(sys.stdin); print(s["episodes"], s["output"])'
qt-data view -q $F -o - || echo $?
(qt-data view -q --success $F -o e.png && qt-data view -q --failure $F -o f.png) && ls
