# Its pose is recorded with every picture.
qt-collect -q -n 1 --seed 1 --camera wrist --image-size 32 -o a.mcap
steps=$(qt-data dump a.mcap | grep -o '"image":' | wc -l)
cameras=$(qt-data dump a.mcap | grep -o '"camera":{' | wc -l)
test "$steps" -gt 3 && test "$cameras" -gt 2
qt-data dump a.mcap | grep -c '"evidence_camera":{'
qt-eval scripted -n 1 --seed 1 --camera wrist --json --progress off | grep -o '"episodes":1'
