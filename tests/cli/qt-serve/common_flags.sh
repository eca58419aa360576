echo '{"stdio": true, "cem": "8/2/1"}' > c.json
qt-serve $FIXTURES/model.safetensors --config c.json --progress off < /dev/null > out.bin
qt-serve $FIXTURES/model.safetensors --stdio -v < /dev/null > out.bin
qt-serve $FIXTURES/model.safetensors --stdio --json < /dev/null || echo $?
