# SPDX-License-Identifier: Apache-2.0
# install.sh SOURCE BUILD: the npm packages in BUILD, fetched on the first run. Exit status 77: npm is not there.
source=$1 build=$2

if ! command -v npm > /dev/null || ! command -v node > /dev/null; then
  echo "skipped: npm and node are not installed"
  exit 77
fi

mkdir -p "$build"
cp "$source"/package.json "$source"/.npmrc "$source"/*.js "$build"/
if [ -f "$source"/package-lock.json ]; then cp "$source"/package-lock.json "$build"/; fi
cd "$build"
if ! cmp -s package.json installed.json; then
  if [ -f package-lock.json ]; then npm ci --silent; else npm install --silent; fi
  cp package.json installed.json
fi
