#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Nothing unfinished and nothing that holds on one machine only is committed, JSON becomes text in one way only, and each
# source names its licence.
set -eu
cd "$(dirname "$0")/.."

# This file names what it looks for; so does its ignore list.
files=(':!.ci/check_words.sh' ':!*.mcap' ':!*.safetensors' ':!*.png' ':!*.jpg')
bad=0

forbid() { # PATTERN REASON [PATH...]
  local found pattern=$1 reason=$2
  shift 2
  [ $# -gt 0 ] || set -- .
  found=$(git grep -nIE "$pattern" -- "$@" "${files[@]}" || true)
  if [ -n "$found" ]; then
    echo "$reason:"
    printf '%s\n' "$found" | cut -c 1-160 | head -n 20
    bad=1
  fi
}

forbid '\b(TODO|FIXME|XXX|HACK)\b' 'unfinished work belongs in an issue'
forbid '(not (yet )?implemented|unimplemented|placeholder)' 'no stubs'
forbid '(^|[^A-Za-z0-9_.$}*-])/(home|root|work|Users|mnt)/[A-Za-z0-9_.-]' 'paths of one machine'
forbid '(^|[^A-Za-z0-9_.])/tmp/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]' 'paths of one machine'
code=('lib/*.cc' 'lib/*.h' 'tools/*.cc' 'tools/*.h' ':!lib/json')
forbid '(\.|->)dump\(' 'dump() throws at text that is not UTF-8; json::Dump(value) does not' "${code[@]}"
forbid 'Json::parse\(([^,]*\)|.*nullptr)' 'parse() takes quadratic time; json::Parse(text) does not' "${code[@]}"
unlicensed=$(git ls-files '*.cc' '*.h' '*.py' '*.cmake' '*CMakeLists.txt' ':!examples' |
  xargs grep -L 'SPDX-License-Identifier: Apache-2.0' || true)
if [ -n "$unlicensed" ]; then
  printf 'no SPDX line (SPDX-License-Identifier: Apache-2.0):\n%s\n' "$unlicensed"
  bad=1
fi
exit "$bad"
