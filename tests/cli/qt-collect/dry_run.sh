qt-collect -n 2 --seed 1 --dry-run -o out.mcap
# A policy that could not act is named before any work; one that is followed may come later.
qt-collect -n 2 --seed 1 --dry-run -o out.mcap --policy nothere.safetensors || echo $?
cp $FIXTURES/text.txt text.safetensors
qt-collect -n 2 --seed 1 --dry-run -o out.mcap --policy text.safetensors || echo $?
qt-collect --follow --seed 1 --dry-run -o out/ --policy nothere.safetensors
qt-collect -n 2 --seed 1 --dry-run -o out.mcap --policy $FIXTURES/model.safetensors 2>&1 | sed 's/policy .*safetensors/policy FILE/'
rm text.safetensors
ls -A
