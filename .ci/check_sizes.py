#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Limits the size of files, because they only ever grow: 700 lines. Prints the distribution; fails on the limit only.
Functions are clang-tidy's affair (.ci/tidy).

usage: check_sizes.py [ROOT]
"""

import pathlib
import subprocess
import sys

FILE_LIMIT = 700
COUNTED = {".cc", ".h", ".py", ".sh"}


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, text=True, check=False).stdout.split("\n")
    if not any(listed):
        listed = [str(path.relative_to(root)) for path in root.rglob("*")]
    for name in sorted(set(listed)):
        path = root / name
        if path.is_file() and path.suffix in COUNTED and not name.startswith("build/"):
            yield name, path


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    offenders, sizes = [], []
    for name, path in tracked(root):
        num_lines = path.read_text(errors="replace").count("\n")
        sizes.append(num_lines)
        if num_lines > FILE_LIMIT:
            offenders.append(f"{name}: {num_lines} lines (limit {FILE_LIMIT})")
    print(f"files: {len(sizes)}, lines median {quantile(sizes, 0.5)} p95 {quantile(sizes, 0.95)} max {max(sizes, default=0)}")
    for line in offenders:
        print(line)
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
