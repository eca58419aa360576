# One random stream per episode: neither the number of environments nor the way of writing shows.
same() {
  qt-collect -q --num-episodes 4 --seed 3 --swap-every 2 "$@" --num-envs 1 -o one.mcap --force
  for envs in 2 4; do
    qt-collect -q --num-episodes 4 --seed 3 --swap-every 2 "$@" --num-envs $envs --output many.mcap --force
    cmp one.mcap many.mcap
  done
}
same
qt-collect -q --num-episodes 4 --seed 3 --swap_every=2 > stdout.mcap
cmp one.mcap stdout.mcap
same --no-drop-test --epsilon 0.2 --termination learned --camera-jitter 1
same --policy "exec:python3 $CASES/../../support/policy_server.py" --epsilon 0.2 --objects h3
