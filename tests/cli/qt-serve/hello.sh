echo '{"type":"hello","protocol":1,"client":"case"}' | qt-serve $FIXTURES/model.safetensors --stdio > hello.json
python3 -c 'import json; h = json.load(open("hello.json")); print(h["type"], h["protocol"], h["image"], h["model"]["step"])'
# What cannot be answered is answered with an error, and the connection goes on.
printf '%s\n' '{"type":"hello","protocol":7}' '{"type":"act","id":1}' '{"type":"nonsense"}' |
  qt-serve $FIXTURES/model.safetensors --stdio | python3 -c '
import json, sys
for line in sys.stdin: print(json.loads(line)["error"]["code"])'
