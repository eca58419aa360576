qt-collect -n 2 --seed 1 --num-envs 2 -o out.mcap
ls -A
head -c 8 out.mcap | od -An -c
