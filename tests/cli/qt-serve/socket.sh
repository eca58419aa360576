# Two clients at once, each in its framing; then SIGTERM.
. "$CASES/../support/serve.sh"
start --socket s --threads 2 --max-queue 8 --max-delay 60000 --max-clients 2 --cem 16/4/2
python3 - <<'PYTHON'
import json, socket
from serve_client import Client, act, essence, line, picture
one, two = Client("s"), socket.socket(socket.AF_UNIX)
two.connect("s")
two.sendall(line(act(1), picture(1)) + line({"type": "hello", "protocol": 1}))
binary = one.ask(act(1), picture(1))
replies = two.makefile()
text = [json.loads(replies.readline()) for _ in range(2)]
answer = next(reply for reply in text if reply["type"] == "action")
print("same answer:", essence(binary) == essence(answer))
print(sorted(binary))
three = socket.socket(socket.AF_UNIX)
three.connect("s")
print(three.makefile().readline(), end="")
late = one.ask(act(2, deadline_ms=0), picture(1))
print(late["id"], late["error"]["code"])
PYTHON
stop
ls
sed 's/took .*//' log
