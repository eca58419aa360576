echo '{"num_episodes": 1, "seed": 1, "output": "out.mcap", "quiet": true}' > c.json
qt-collect --config c.json
echo '{"num_episode": 1}' > c.json
qt-collect --config c.json || echo $?
ls -A
