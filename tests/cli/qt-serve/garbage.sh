qt-serve $FIXTURES/model.safetensors --stdio < $FIXTURES/text.txt > out.bin
