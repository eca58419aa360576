# Stopping and going on gives what going through gives, bit for bit.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --tower-channels 4 --threads 1 --updaters 0 --seed 5'
qt-train -q $FIXTURES/labelled.mcap -o halves $tiny --steps 3
qt-train -q $FIXTURES/labelled.mcap -o halves $tiny --steps 6 --resume
qt-train -q $FIXTURES/labelled.mcap -o whole $tiny --steps 6
qt-train -q - -o piped $tiny --steps 6 < $FIXTURES/labelled.mcap
python3 - <<'PYTHON'
import json, struct
def tensors(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: data[8 + length:][slice(*entry["data_offsets"])] for name, entry in header.items()}
print(tensors("halves/policy.safetensors") == tensors("whole/policy.safetensors"))
print(tensors("piped/policy.safetensors") == tensors("whole/policy.safetensors"))
PYTHON
