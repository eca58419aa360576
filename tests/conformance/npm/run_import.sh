# SPDX-License-Identifier: Apache-2.0
# run_import.sh SOURCE BUILD SAMPLE QT_DATA: the import of published data against shards that an npm package writes.
# SAMPLE is an episode file, from which the pictures come. Exit status 77: npm is not there.
source=$1 build=$2 sample=$3 qt_data=$4

status=0
bash -eu "$source/install.sh" "$source" "$build" || status=$?
[ "$status" = 0 ] || exit "$status"
cd "$build"

rm -rf import_sample
"$qt_data" dump --images import_sample "$sample" > import_sample.json
NODE_NO_WARNINGS=1 node import.js "$qt_data" import_sample/000000-000.jpg import
