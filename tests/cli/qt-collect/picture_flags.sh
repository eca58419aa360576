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
# What is otherwise in another cell is recorded, if it is.
one --looks mixed --light 0.5 --camera-error 1 --camera-blur 1 --camera-hue-deg 120 --object-mass 3 --friction 0.6 \
  --grip-force 0.5 --action-delay-s 0.3 | qt-data dump - |
  grep -oE '"(light|camera_error|camera_blur|camera_hue_deg|object_mass|friction|grip_force|action_delay_s)":[0-9.]+|"drawn":\{[^}]*\}'
one --looks textured | qt-data dump - | grep -cE '"(light|friction)":' || true
one --light 0 || echo $?
one --camera-hue-deg 181 || echo $?
