# A checkpoint that replaces the served one is loaded; a bad one is refused, and the old one goes on.
cp $FIXTURES/model.safetensors m.safetensors
model=m.safetensors
. "$CASES/../support/serve.sh"
start --socket s --cem 8/2/1
# Another step in the header, and so another digest.
python3 - <<'PYTHON'
import os, struct
data = open("m.safetensors", "rb").read()
(length,) = struct.unpack("<Q", data[:8])
header = data[8:8 + length]
assert b'"step":"2"' in header
open("new", "wb").write(data[:8] + header.replace(b'"step":"2"', b'"step":"7"') + data[8 + length:])
PYTHON
step() { python3 -c 'from serve_client import *; print(Client("s").ask(act(1), picture(1))["model_step"])'; }
step
mv new m.safetensors
for _ in $(seq 200); do grep -q loaded log && break; sleep 0.05; done
step
echo "these are words" > bad
mv bad m.safetensors
for _ in $(seq 200); do grep -q 'goes on' log && break; sleep 0.05; done
step
rm m.safetensors
step
stop
cat log
# With --reload off, as with --stdio, the answers stay those of the file that was there at the start.
cp $FIXTURES/model.safetensors m.safetensors
: > log
start --socket s --cem 8/2/1 --reload off
echo "these are words" > m.safetensors
sleep 0.5
step
stop
cat log
