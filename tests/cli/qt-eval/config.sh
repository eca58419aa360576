echo '{"num_episodes": 1, "seed": 1, "quiet": true}' > c.json
qt-eval scripted --config c.json > report.txt
qt-eval scripted -n 1 --seed 1 | cmp - report.txt
echo '{"num_episode": 1}' > c.json
qt-eval scripted --config c.json || echo $?
