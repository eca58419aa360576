#!/usr/bin/env bash
# Nothing unfinished and nothing that holds on one machine only is committed.
set -eu
cd "$(dirname "$0")/.."

# This file names what it looks for; so does its ignore list.
files=(':!.ci/check_words.sh' ':!*.mcap' ':!*.safetensors' ':!*.png' ':!*.jpg')
bad=0

forbid() { # PATTERN REASON
  local found
  found=$(git grep -nIE "$1" -- . "${files[@]}" || true)
  if [ -n "$found" ]; then
    echo "$2:"
    printf '%s\n' "$found" | cut -c 1-160 | head -n 20
    bad=1
  fi
}

forbid '\b(TODO|FIXME|XXX|HACK)\b' 'unfinished work belongs in an issue'
forbid '(not (yet )?implemented|unimplemented|placeholder)' 'no stubs'
forbid '(^|[^A-Za-z0-9_.$}*-])/(home|root|work|Users|mnt)/[A-Za-z0-9_.-]' 'paths of one machine'
forbid '(^|[^A-Za-z0-9_.])/tmp/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]' 'paths of one machine'
exit "$bad"
