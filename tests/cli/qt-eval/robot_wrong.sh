# What a robot cannot be asked, and what is for a robot only.
try() { qt-eval scripted -n 1 "$@" && echo accepted || echo $?; }
driver="exec:python3 $CASES/../../support/robot_driver.py"
try --robot cell7
try --robot "$driver" --objects h2 --looks strong --no-shadows
try --robot "$driver" --disturb knock
try --robot "$driver" --protocol bin
try --robot "$driver" --protocol disturb
try --robot "$driver" --protocol offline --logged $FIXTURES/labelled.mcap
try random --robot "$driver" --protocol ablate --vary 'looks=mild|strong'
try --robot "$driver" --sprt 0.5/0.9 --label-errors audit.json
try --objects-name tools
try --label-errors audit.json
try --calibration edge.json
try --robot-timeout 3
try --robot "$driver" --label-errors audit.json
echo '{"tool": "qt-label", "episodes": 4}' > audit.json
try --robot "$driver" --label-errors audit.json
echo '{"agreement": {"both_success": 5, "both_failure": 0, "false_success": 0, "false_failure": 0}}' > audit.json
try --robot "$driver" --label-errors audit.json
# A driver that knows nothing and shows nothing; one that dies.
mkdir shy
cp $CASES/../../support/robot_driver.py shy/
sed 's/"drop_test": True/"drop_test": False/; s/^    def _evidence(.*/&\n        return/' \
  $CASES/../../../examples/drivers/qt_driver.py > shy/qt_driver.py
try --robot 'exec:PYTHONDONTWRITEBYTECODE=1 python3 shy/robot_driver.py' -q
try --robot 'exec:echo no arm here >&2; exit 5'
ls -A
