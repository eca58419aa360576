qt-serve $FIXTURES/text.txt --stdio < /dev/null || echo $?
qt-serve $FIXTURES/empty.mcap --stdio < /dev/null || echo $?
head -c 5000 $FIXTURES/model.safetensors > cut.safetensors
qt-serve cut.safetensors --stdio < /dev/null || echo $?
