echo '{"type":"hello","protocol":1}' | qt-serve $FIXTURES/model.safetensors --stdio > /dev/full
