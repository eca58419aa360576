# One random stream per episode: neither the number of environments nor the way of writing shows.
qt-collect -q --num-episodes 5 --seed 3 --num-envs 1 --swap-every 2 -o one.mcap
qt-collect -q --num-episodes 5 --seed 3 --num-envs 3 --swap-every 2 --output three.mcap
qt-collect -q --num-episodes 5 --seed 3 --swap_every=2 > stdout.mcap
cmp one.mcap three.mcap
cmp one.mcap stdout.mcap
