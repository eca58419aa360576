qt-collect -n 1 --policy missing.safetensors -o out.mcap || echo $?
ls -A
