qt-eval scripted -n 2 --record out.mcap --episodes out.json --dry-run
qt-eval scripted --until 0.02 --dry-run
ls -A
