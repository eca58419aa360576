echo '{"count": 3, "deep": true}' > both.json
echo '{"count": 3}' > add.json
commands add a --config add.json
commands add a --config both.json || echo $?
commands add a --json --progress off -q | sed 's/"version":"[^"]*"/"version":V/'
commands add a -v
commands look --dry-run --force --progress on -q
commands look -v --config <(echo '{"deep": false}')
# Before the command, too.
commands -q --progress off add a b
commands --config add.json add a
