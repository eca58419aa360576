# The paper's profile at the smallest image that its network can be built for: trained, served and
# evaluated. Other flags win over the profile, wherever they stand.
qt-collect -q -n 2 --seed 4 --image-size 224 | qt-label -q -o labelled.mcap
small='--crop 218 --batch-size 2 --train-buffer-size 8 --target-cem 8/2/1 --act-cem 8/2/1 --threads 1 --updaters 0 --labels-per-step 1'
qt-train -q labelled.mcap -o run $small --steps 2 --termination rule --profile paper --device cpu
for key in architecture optimizer learning_rate polyak lag_steps rate_decay rate_decay_steps momentum batch_size actions \
  max_grad_norm symmetry state_input frame_width_px image_width_px; do grep -m 1 "\"$key\"" run/config.json | tr -d ' ,'; done
qt-train -q labelled.mcap -o run --resume $small --steps 3 --termination rule --profile paper --rate-decay 0.5 \
  --rate-decay-steps 10 --momentum 0.8 --max-grad-norm 1 --optimizer sgd --symmetry --device auto --architecture grasping44
qt-eval -q run/policy.safetensors -n 1 --json | grep -o '"episodes":[0-9]*' | head -n 1
# What cannot be.
try() { qt-train labelled.mcap -o other "$@" && echo accepted || echo $?; }
try --architecture grasping44
try --profile paper
try --profile paper --crop 200
try --architecture resnet
