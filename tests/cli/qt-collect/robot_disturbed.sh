# What happens in an episode is recorded the same when the simulator is a driver: also what is known only at its end.
scene="--disturb any --light-drift 0.2 --bump 0.1 --jpeg-quality 50-95 --camera wrist"
qt-collect -q -n 3 --seed 1 $scene | qt-data dump - | grep -o '"env_config":{.*"disturbance".*"drawn":{[^}]*}' > direct
qt-collect -q -n 3 --seed 1 --robot "exec:qt-collect --serve-robot $scene" | qt-data dump - |
  grep -o '"env_config":{.*"disturbance".*"drawn":{[^}]*}' > driven
cmp direct driven
wc -l < direct
