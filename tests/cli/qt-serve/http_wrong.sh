try() { qt-serve $FIXTURES/model.safetensors "$@" < /dev/null && echo accepted || echo $?; }
echo "short" > short
try --listen 0.0.0.0:0
try --listen somewhere
try --listen localhost:0 --http 0
try --socket s --token-file short
try --http 0 --token-file short
