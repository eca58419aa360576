# Waits for the policy, and puts a new file into the spool after every two episodes.
qt-collect --policy late.safetensors --follow -n 3 --episodes-per-file 2 --max-steps 2 --seed 1 -o spool/ 2> talk.txt &
pid=$!
for _ in $(seq 100); do grep -qs waiting talk.txt && break; sleep 0.1; done
cp $FIXTURES/model.safetensors half.tmp
mv half.tmp late.safetensors
wait $pid
grep -o 'waiting for late.safetensors' talk.txt
for file in spool/*.mcap; do qt-data dump "$file" | wc -l; done
qt-data dump spool/ | grep -c "$(sha256sum < late.safetensors | cut -d' ' -f1)"

# Without -n until SIGTERM; what cannot be used is named, and the policy before it goes on.
qt-collect --policy late.safetensors --follow --max-steps 2 -o endless/ --episodes-per-file 1 2> talk.txt &
pid=$!
for _ in $(seq 300); do ls endless/*.mcap > /dev/null 2>&1 && break; sleep 0.1; done
echo words > half.tmp
mv half.tmp late.safetensors
for _ in $(seq 100); do grep -q 'before it goes on' talk.txt && break; sleep 0.1; done
before=$(ls endless | wc -l)
for _ in $(seq 300); do [ $(ls endless | wc -l) -gt $before ] && break; sleep 0.1; done
kill -TERM $pid
wait $pid || echo $?
[ $(ls endless | wc -l) -gt $before ] && echo went on
grep -o 'warning: late.safetensors: .*' talk.txt
