# The switches of the ablations: each reaches config.json, and trains. --merge is an older name of --architecture.
tiny='--batch-size 4 --train-buffer-size 8 --target-cem 8/2/1 --tower-channels 4 --threads 1 --updaters 0 --steps 2'
for switch in '--architecture aligned' '--architecture add' '--merge mlp' '--targets returns' --no-clipped-double '--step-reward -0.02'; do
  qt-train -q $FIXTURES/labelled.mcap -o run --force $tiny --targets bellman --clipped-double $switch
  test -s run/policy.safetensors
  grep -o '"architecture": "[a-z]*"\|"targets": "[a-z]*"\|"clipped_double": [a-z]*\|"step_reward": [-0-9.]*' run/config.json | tr '\n' ' '
  echo
done
