# SPDX-License-Identifier: Apache-2.0
# run_mcap.sh SOURCE BUILD MCAP_RECORDS: every case of the public MCAP conformance suite, written by @mcap/core and read by us,
# written by us and read by @mcap/core. Exit status 77: npm is not there.
source=$1 build=$2 mcap_records=$3

status=0
bash -eu "$source/install.sh" "$source" "$build" || status=$?
[ "$status" = 0 ] || exit "$status"
cd "$build"
rm -rf theirs ours
mkdir theirs ours
node mcap_cases.js write theirs cases.txt
(cd theirs && xargs -a ../cases.txt -I% echo %.mcap | xargs "$mcap_records" read) > theirs.json
grep -v -- -pad cases.txt > ours.txt  # padding is for readers: our writer has none
"$mcap_records" write ours < ours.txt
node mcap_cases.js check
