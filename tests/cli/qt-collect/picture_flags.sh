# A profile sets what is not given.
size() { qt-data dump - | grep -o '"image_width_px":[0-9]*,"image_height_px":[0-9]*'; }
one() { qt-collect -q -n 1 --seed 1 --max-steps 1 "$@"; }
one --profile paper --shadows off | size
one --profile paper --image-size 48x32 | size
one --profile compact | size
# Looks and nuisances are repeatable and recorded.
one --looks strong --shadows on --camera-noise 3 --light-drift 0.2 --bump 0.1 --jpeg-quality 50-95 -o a.mcap
one --looks strong --shadows on --camera-noise 3 --light-drift 0.2 --bump 0.1 --jpeg-quality 50-95 -o b.mcap
cmp a.mcap b.mcap
qt-data dump a.mcap | grep -c '"drawn":{"jpeg_quality":[5-9][0-9],"light_gain_rgb":\[.*\],"bump_m":0.00.*,"bump_rad":0.00'
one --looks plain | qt-data dump - | grep -o '"looks":"[a-z]*"'
one --jpeg-quality 95-50 || echo $?
one --shadows maybe || echo $?
