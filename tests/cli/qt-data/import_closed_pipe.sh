python3 $CASES/../support/make_rlds.py kuka/0.1.0
qt-data import --from rlds -q kuka/0.1.0 | head -c 4
