# A policy that comes with the tools has a name.
echo '{"type":"hello","protocol":1}' | qt-serve aligned-64 --stdio | python3 -c '
import json, sys
model = json.loads(sys.stdin.readline())["model"]
print(model["name"], model["digest"][:8])'
qt-serve aligned-46 --stdio < /dev/null || echo $?
