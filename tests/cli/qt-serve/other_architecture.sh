python3 - $FIXTURES/model.safetensors other.safetensors <<'PYTHON'
import struct, sys
data = open(sys.argv[1], "rb").read()
(length,) = struct.unpack("<Q", data[:8])
header = data[8:8 + length].replace(b"aligned", b"strange")
open(sys.argv[2], "wb").write(data[:8] + header + data[8 + length:])
PYTHON
qt-serve other.safetensors --stdio < /dev/null
