# A row for each change, against none, in the same scenes.
qt-eval scripted -n 2 --seed 1 --num-envs 2 --protocol robust --progress off > table
head -2 table | cut -c 1-40
wc -l < table
qt-eval scripted -n 1 --seed 1 --protocol robust --json --progress off | grep -o '"setting":"[^"]*"'
qt-eval scripted --protocol robust --light 0.5 || echo $?
qt-eval scripted -n 1 --seed 1 --light 0.5 --camera-error 1 --camera-blur 1 --camera-hue-deg 120 --object-mass 3 --friction 0.6 \
  --grip-force 0.5 --action-delay-s 0.3 --jpeg-quality 25 --json --progress off | grep -o '"episodes":1' | head -1
