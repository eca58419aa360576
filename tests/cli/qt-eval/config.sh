echo '{"num_episodes": 1, "seed": 1, "quiet": true}' > c.json
qt-eval scripted --config c.json
echo '{"num_episode": 1}' > c.json
qt-eval scripted --config c.json || echo $?
