qt-collect -q -n 1 --seed 1 --objects h2 --min-objects 2 --max-objects 3 --camera top --camera-jitter 1 \
  --image-size 32x24 --image raw -o a.mcap
qt-collect -q -n 1 --seed 1 --jpeg-quality 50 --image jpeg -o small.mcap
qt-collect -q -n 1 --seed 1 --jpeg-quality 100 -o large.mcap
test "$(stat -c %s small.mcap)" -lt "$(stat -c %s large.mcap)"
