# The summary names the driver, and says nothing of a scene that it does not know.
driver() { qt-collect -q --json -n 1 --seed 1 --max-steps 2 --policy random --force -o out.mcap --robot "exec:$1"; }
driver "python3 $CASES/../../support/robot_driver.py" | sed 's/"robot":"[^"]*"/"robot":"…"/'
driver 'qt-collect --serve-robot --objects h2'
