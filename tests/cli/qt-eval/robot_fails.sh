# A driver that dies is started anew; what was done counts if it dies for good, or if the user interrupts.
support=$CASES/../../support
dying="exec:python3 $support/robot_driver.py --fault die --at act --nth 9"
summary() { python3 -c '
import json, sys
r = json.load(sys.stdin)
print(r["exit_status"], r["episodes"], r["robot_failures"], "error" in r, r.get("require"))'; }
qt-eval scripted -n 4 --seed 1 --robot "$dying --marker mark" --robot-backoff 0 --json -q 2> log.txt | summary
qt-eval scripted -n 4 --seed 1 --robot "$dying" --robot-retries 0 --require 0 --record kept.mcap --json -q 2> log.txt > r.json || echo $?
summary < r.json
qt-data check -q kept.mcap && qt-data info --json kept.mcap | grep -o '"episodes":[0-9]*,"left_out"'
slow="exec:python3 $support/robot_driver.py --motion-s 0.1 --log driver.log"
qt-eval scripted --against random -n 90 --seed 1 --robot "$slow" --record cut.mcap --json -q > r.json 2> log.txt &
until grep -q drop_test driver.log 2> log2.txt; do sleep 0.1; done
sleep 1
kill -TERM $!
wait $! || echo $?
python3 -c '
import json
r = json.load(open("r.json"))
print(r["exit_status"], 0 < r["episodes"] < 90, abs(r["episodes"] - r["against"]["episodes"]) < 2)'
grep -c begins driver.log
tail -n 1 driver.log
