# Waits for the first episode; trains on while more come; SIGTERM ends it.
tiny='--batch-size 4 --train-buffer-size 16 --target-cem 8/2/1 --tower-channels 4 --threads 1'
mkdir spool
qt-train --spool spool --follow -o run $tiny --steps 1000000 --log-steps 1 --publish-policy-steps 5 \
  --publish-policy-seconds 0 --online-share 0.4 --online-ramp-steps 10 --replay-bytes 64M 2> talk.txt &
pid=$!
for _ in $(seq 300); do grep -qs waiting talk.txt && break; sleep 0.1; done
qt-data cat -q $FIXTURES/labelled.mcap --episodes 0-1 -o spool/a.mcap
for _ in $(seq 300); do [ -s run/metrics.jsonl ] && break; sleep 0.1; done
qt-data cat -q $FIXTURES/labelled.mcap --episodes 2-3 -o spool/b.mcap
for _ in $(seq 300); do grep -q '"online_episodes":4.0' run/metrics.jsonl && break; sleep 0.1; done
for _ in $(seq 300); do grep -qs step run/policies.jsonl && break; sleep 0.1; done
qt-train -q spool/ -o run $tiny --steps 1 --resume 2> busy.txt || echo $?
kill -TERM $pid
wait $pid || echo $?
cat busy.txt
sed -n 's/[0-9]* MiB/N MiB/; s/.*\(waiting for the first episode\|memory: N MiB expected\|interrupted\).*/\1/p' talk.txt
[ $(wc -l < run/policies.jsonl) -ge 2 ] && echo policies
grep -o '"online_episodes":4' run/metrics.jsonl | tail -n 1

# Episodes on stdin are live, too.
qt-train -q - --follow -o piped $tiny --steps 2 < $FIXTURES/labelled.mcap
ls piped/policy.safetensors
