# A token as people write it: with blanks around it, a byte order mark, several lines, readable by all.
. "$CASES/../support/serve.sh"
code() { curl -sS -o /dev/null -w '%{http_code}\n' http://127.0.0.1:$port/metrics -H "$1"; }
printf '\357\273\277 0123456789abcdefghij \t\r\nsecond line\n' > token
chmod 644 token
start --http 0 --token-file token
port=$(sed -n 's/.*ready at .*:\([0-9]*\)$/\1/p' log)
code "Authorization: Bearer 0123456789abcdefghij"
code "authorization:   bEARER  0123456789abcdefghij  "
code "Authorization: Basic 0123456789abcdefghij"
code "Authorization: Bearer"
grep -c 'everybody on this machine can read the token' log
stop
try() { qt-serve $model --http 0 --token-file token || echo $?; }
printf '0123456789 abcdefghij\n' > token
try
printf '0123456789abcdefgh\351\n' > token
try
printf '%20s\n' '' > token
try
