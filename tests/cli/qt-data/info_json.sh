qt-data info --json --progress off $FIXTURES/episodes.mcap > info.json
python3 -c 'import json; i = json.load(open("info.json")); print(i["tool"], i["exit_status"], i["episodes"])'
