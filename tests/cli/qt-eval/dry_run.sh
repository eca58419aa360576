qt-eval scripted -n 2 --record out.mcap --episodes out.json --dry-run
ls -A
