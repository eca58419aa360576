# No request: the greeting, and the end.
qt-serve $FIXTURES/model.safetensors --stdio --cem 8/2/1 --threads 2 -q < /dev/null > out.bin
test -s out.bin
