# No request, no answer: the clean end.
qt-serve $FIXTURES/model.safetensors --stdio --cem 8/2/1 --threads 2 -q < /dev/null
