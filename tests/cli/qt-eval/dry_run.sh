qt-eval scripted -n 2 --record out.mcap --episodes out.json --dry-run
qt-eval scripted --until 0.02 --dry-run
# A policy that could not act is named before any work.
qt-eval nothere.safetensors --dry-run || echo $?
qt-eval scripted --against nothere.safetensors --dry-run || echo $?
qt-eval $FIXTURES/model.safetensors -n 2 --dry-run 2>&1 | sed 's/try .*safetensors/try FILE/'
ls -A
