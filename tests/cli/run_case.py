#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one case of tests/cli, or rewrites its goldens.

A case is <case>.sh, run by `bash -eu` in an empty scratch folder with the built tools on PATH. Beside it:
  <case>.exit            the exit status expected (default 0)
  <case>.stdout.exact    the bytes expected (default: nothing); .stderr likewise
  <case>.stdout.glob     or a pattern: each line is a glob of * and ?, a line `...` stands for any lines
The script finds $CASES (its own folder) and $FORMATS (the contracts with their samples); fixtures that
several cases share are in $FIXTURES.

usage: run_case.py --bin DIR --source DIR [--fixtures DIR] [--update] CASE.sh...
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# QT_SLOW: how much longer everything may take, under a sanitizer (CMakePresets.json).
TIMEOUT_S = 120 * float(os.environ.get("QT_SLOW", 1))


def line_regex(pattern):
    return "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)


def glob_matches(pattern, text):
    """Whole-text match, line by line; `...` alone on a line stands for any number of lines."""
    regex = ""
    for line in pattern.splitlines():
        regex += r"(?:.*\n)*?" if line == "..." else line_regex(line) + r"\n"
    if text and not text.endswith("\n"):
        text += "\n"
    return re.fullmatch(regex, text) is not None


def expectation(case, stream):
    """(kind, contents) of what `stream` should be."""
    for kind in ("exact", "glob"):
        path = case.with_suffix(f".{stream}.{kind}")
        if path.exists():
            return kind, path.read_bytes()
    return "exact", b""


def stream_fits(case, stream, got):
    kind, want = expectation(case, stream)
    if kind == "exact":
        return got == want
    return glob_matches(want.decode(), got.decode(errors="replace"))


def expected_exit(case):
    path = case.with_suffix(".exit")
    return int(path.read_text()) if path.exists() else 0


def portable(output, arguments):
    """The same whoever runs it: no paths of this build."""
    return output.replace(str(arguments.fixtures).encode(), b"$FIXTURES") if arguments.fixtures else output


def run(case, arguments):
    with tempfile.TemporaryDirectory(prefix="qt-cli-") as scratch:
        environment = dict(os.environ)
        environment.update(
            PATH=f"{arguments.bin}:{os.environ['PATH']}", LC_ALL="C", TZ="UTC", HOME=scratch,
            MESA_SHADER_CACHE_DISABLE="true",  # newer ones write it even with the software renderer
            CASES=str(case.parent), FORMATS=str(arguments.source / "formats"),
            FIXTURES=str(arguments.fixtures or ""))
        result = subprocess.run(["bash", "-eu", str(case)], cwd=scratch, env=environment,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False)
    result.stdout = portable(result.stdout, arguments)
    result.stderr = portable(result.stderr, arguments)
    return result


def show(name, got):
    text = got.decode(errors="replace")
    print(f"--- {name} was:\n{text[:4000]}", end="" if text.endswith("\n") else "\n")


def check(case, result):
    good = True
    if result.returncode != expected_exit(case):
        print(f"{case.name}: exit status {result.returncode}, expected {expected_exit(case)}")
        good = False
    for stream, got in (("stdout", result.stdout), ("stderr", result.stderr)):
        if stream_fits(case, stream, got):
            continue
        kind, want = expectation(case, stream)
        print(f"{case.name}: {stream} is not as expected ({kind}):\n{want.decode(errors='replace')[:4000]}")
        good = False
    if not good:
        show("stdout", result.stdout)
        show("stderr", result.stderr)
    return good


def update(case, result):
    """Writes the goldens; a pattern that still fits is kept."""
    exit_path = case.with_suffix(".exit")
    if result.returncode:
        exit_path.write_text(f"{result.returncode}\n")
    else:
        exit_path.unlink(missing_ok=True)
    for stream, got in (("stdout", result.stdout), ("stderr", result.stderr)):
        if stream_fits(case, stream, got):
            continue
        case.with_suffix(f".{stream}.glob").unlink(missing_ok=True)
        path = case.with_suffix(f".{stream}.exact")
        if got:
            path.write_bytes(got)
        else:
            path.unlink(missing_ok=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, help="folders with the tools, joined by ':'")
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--fixtures", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("cases", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    arguments.bin = ":".join(os.path.abspath(folder) for folder in arguments.bin.split(":"))
    arguments.source = arguments.source.resolve()
    if arguments.fixtures:
        arguments.fixtures = arguments.fixtures.resolve()
    act = update if arguments.update else check
    good = True
    for case in arguments.cases:
        good &= act(case.resolve(), run(case.resolve(), arguments))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
