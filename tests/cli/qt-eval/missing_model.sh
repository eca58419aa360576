qt-eval missing.safetensors -n 1 || echo $?
qt-eval scripted --against missing.safetensors -n 1 || echo $?
