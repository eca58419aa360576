qt-serve missing.safetensors --stdio < /dev/null
