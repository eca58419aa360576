# Weights that are no numbers are refused by their tensor: at the start and when they replace good ones.
python3 - $FIXTURES/model.safetensors nan.safetensors <<'PYTHON'
import json, struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
(length,) = struct.unpack("<Q", data[:8])
begin, _ = json.loads(data[8:8 + length])["policy/conv2.weight"]["data_offsets"]
data[8 + length + begin:8 + length + begin + 4] = struct.pack("<f", float("nan"))
open(sys.argv[2], "wb").write(data)
PYTHON
qt-serve nan.safetensors --stdio < /dev/null || echo $?
cp $FIXTURES/model.safetensors m.safetensors
model=m.safetensors
. "$CASES/../support/serve.sh"
start --http 0 --cem 8/2/1
mv nan.safetensors m.safetensors
for _ in $(seq 200); do grep -q 'goes on' log && break; sleep 0.05; done
url=$(sed -n 's/.*ready at \(http.*\)/\1/p' log)
for _ in $(seq 200); do curl -sS $url/metrics | grep -q 'refused"} 1' && break; sleep 0.05; done
curl -sS $url/metrics | grep qt_reloads_total{
curl -sS $url/act -d @$FORMATS/serve/samples/act.json | grep -o '"model_step":2'
stop
sed 's/:[0-9]*$/:PORT/' log
