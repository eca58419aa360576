# Names that are not UTF-8 cost no training: they are written with replacement characters.
spool=$(printf 'sp\351')
mkdir "$spool"
cp $FIXTURES/labelled.mcap "$spool/a.mcap"
qt-train "$spool/" -o "run-$spool" --batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --tower-channels 4 \
  --threads 1 --updaters 0 --steps 2 --json 2> /dev/null | python3 -c '
import json, sys
print(json.loads(sys.stdin.buffer.read().decode())["policy"].encode("unicode_escape").decode())'
grep -c . "run-$spool/policies.jsonl"
