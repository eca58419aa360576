python3 $CASES/../support/make_rlds.py kuka/0.1.0
qt-data import --from rlds kuka/0.1.0 -o kuka.mcap
qt-data dump kuka.mcap --images pictures | python3 -c "
import json, sys
for line in sys.stdin:
    e = json.loads(line)
    s = e['steps'][0]
    print(e['id'], e['end_reason'], e['labels'][0]['source'], e['labels'][0]['success'], e['labels'][0]['reward'],
          s['action']['close'], s['gripper']['opening'], s['gripper']['height_m'], e['steps'][1]['gripper']['opening'])"
ls pictures
