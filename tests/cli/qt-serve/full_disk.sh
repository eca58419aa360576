qt-serve $FIXTURES/model.safetensors --stdio < /dev/null > /dev/full
