# Beyond loopback only with a token, which every path but health wants.
. "$CASES/../support/serve.sh"
echo "0123456789abcdefghij" > token
start --listen 0.0.0.0:0 --token-file token
port=$(sed -n 's/.*ready at .*:\([0-9]*\)$/\1/p' log)
code() { curl -sS -o /dev/null -w '%{http_code}\n' "$@"; }
code http://127.0.0.1:$port/v2/health/ready
code http://127.0.0.1:$port/metrics
code -H "Authorization: Bearer wrong" http://127.0.0.1:$port/act -d @$FORMATS/serve/samples/act.json
code -H "Authorization: Bearer $(cat token)" http://127.0.0.1:$port/act -d @$FORMATS/serve/samples/act.json
qt-serve $model --listen 127.0.0.1:$port 2> taken || echo $?
sed 's/:[0-9]*:/:PORT:/' taken
stop
