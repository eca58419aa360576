# SPDX-License-Identifier: Apache-2.0
# damaged_episodes.sh QT_DATA SAMPLES: whatever is wrong with an input, qt-data ends with status 1
# (not an episode file) or 3 (something was lost), says what and where on stderr, and prints the
# episodes that are whole. The same from a file, from a pipe, and joined to a good file.
qt_data=$1 samples=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() { echo "$*"; failures=$((failures + 1)); }

for error in "$samples"/bad/*.error; do
  name=$(basename "$error" .error)
  bad=$samples/bad/$name.mcap
  status=0
  "$qt_data" dump "$bad" > "$work/file.json" 2> "$work/file.txt" || status=$?
  case $status in 1 | 3) ;; *) fail "$name: exit status $status" ;; esac
  cmp -s "$work/file.json" "$samples/bad/$name.json" || fail "$name: another dump than expected"
  grep -q "$name.mcap: .*(at byte [0-9]*)" "$work/file.txt" || fail "$name: no place is named"

  piped=0
  "$qt_data" dump < "$bad" > "$work/pipe.json" 2> "$work/pipe.txt" || piped=$?
  [ "$piped" = "$status" ] || fail "$name: exit status $piped from a pipe, $status from a file"
  cmp -s "$work/file.json" "$work/pipe.json" || fail "$name: another dump from a pipe"

  # Behind a good file the damage is never an error, and the good episodes are there.
  joined=0
  cat "$samples/good/two.mcap" "$bad" | "$qt_data" dump > "$work/joined.json" 2> /dev/null || joined=$?
  if [ "$name" = empty ]; then expected=0; else expected=3; fi
  [ "$joined" = "$expected" ] || fail "$name: exit status $joined behind a good file"
  cat "$samples/good/two.json" "$samples/bad/$name.json" | cmp -s - "$work/joined.json" ||
    fail "$name: another dump behind a good file"
done

[ "$failures" = 0 ]
