# A page, a sheet of failures and a video of each attempt; the page is the same for any number of environments.
mkdir run
printf '{"step":50,"loss":0.5,"q_mean":0.2}\n{"step":100,"loss":0.4,"q_mean":0.3}\n' > run/metrics.jsonl
qt-eval scripted -n 2 --seed 1 --num-envs 1 -q --report report.html --run run --sheet failures.png --video films > report.txt
qt-eval scripted -n 2 --seed 1 --num-envs 4 -q --report again.html --run run --sheet again.png > again.txt
grep -c 'class="note origin">qt-eval .* environments at once: <code>qt-eval scripted -n 2' report.html
cmp <(sed '/class="note origin"/d' report.html) <(sed '/class="note origin"/d' again.html)
cmp report.txt again.txt
grep -c '<svg' report.html
head -c 4 failures.png | tail -c 3
echo
ls films | sed 's/-[a-z]*[.]/./'
qt-eval scripted -n 1 --report report.html || echo $?
qt-eval scripted -n 1 --run run || echo $?
qt-eval scripted -n 1 --sheet failures.jpg || echo $?
qt-eval scripted --protocol disturb --video films || echo $?
echo 'loss' > run/metrics.jsonl
qt-eval scripted -n 1 --report new.html --run run || echo $?
ls -A
