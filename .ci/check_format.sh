#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C++ file that git tracks is formatted as .clang-format says.
set -eu
cd "$(dirname "$0")/.."
if ! command -v clang-format > /dev/null; then
  echo "check_format: clang-format is missing; ./setup installs it" >&2
  exit 1
fi
git ls-files -z -- '*.cc' '*.h' | xargs -0 -r ls -d 2> /dev/null | xargs -r clang-format --dry-run -Werror
