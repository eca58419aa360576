qt-eval scripted -n 2 --seed 1 --num-envs 2 --min-objects 3 --max-objects 4 --camera top --camera-jitter 1 \
  --objects train --progress off | tr -s ' '
