# Words instead of frames: one error for the client, one sentence for people.
qt-serve $FIXTURES/model.safetensors --stdio < $FIXTURES/text.txt | grep -o '"code":"[a-z_]*"' || true
qt-serve $FIXTURES/model.safetensors --stdio < $FIXTURES/text.txt > /dev/null || echo $?
