# SPDX-License-Identifier: Apache-2.0
# run.sh SOURCE BUILD SAMPLES QT_DATA QT_COLLECT: lets the readers of npm packages read every good sample and a
# file fresh from qt-collect, and compares their pictures with those of `qt-data dump --images`. Exit status 77: npm is not there.
source=$1 build=$2 samples=$3 qt_data=$4 qt_collect=$5

status=0
bash -eu "$source/install.sh" "$source" "$build" || status=$?
[ "$status" = 0 ] || exit "$status"
cd "$build"

rm -rf pictures
"$qt_collect" -q -n 3 --seed 1 --force -o "$build/collected.mcap"
for file in "$samples"/*.mcap "$build/collected.mcap"; do
  name=$(basename "$file" .mcap)
  "$qt_data" dump --images "pictures/$name" "$file" > "$name.json"
  node check.js "$file" "$name.json" "pictures/$name"
done
