cp $FIXTURES/text.txt text.safetensors
qt-eval text.safetensors -n 1 || echo $?
head -c 5000 $FIXTURES/model.safetensors > cut.safetensors
qt-eval cut.safetensors -n 1 || echo $?
