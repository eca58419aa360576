# A file that is no checkpoint.
cp $FIXTURES/text.txt text.safetensors
qt-collect -q -n 1 --policy text.safetensors -o out.mcap || echo $?
ls -A
