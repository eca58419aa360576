for _ in $(seq 2000); do echo '{"type":"hello","protocol":1}'; done > requests.json
set -o pipefail
qt-serve $FIXTURES/model.safetensors --stdio < requests.json | head -c 100 | wc -c
