#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every flag of a tool's table must be used by at least one case in tests/cli/<tool>: as an argument of the tool or
of a shell function (of the case or of tests/cli/support), or in a list or variable that the case makes of flags.
Comments and other commands do not count.

usage: check_flags.py TOOL_BINARY CASES_DIR
Those that lib/cli answers itself (--help, --completion, ...) are tested by check_manners.py.
"""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from shell_words import commands  # pylint: disable=wrong-import-position

SUPPORT = pathlib.Path(__file__).resolve().parent / "support"  # scripts that cases source
ANSWERED_BY_CLI = {"help", "version", "help-man", "completion"}


def tables(binary):
    described = json.loads(subprocess.run([binary, "--dump-flags"], check=True, capture_output=True).stdout)
    return described.get("commands", [described])


def may_hold_flags(command, tool, functions):
    return tool in command or command[0] == "for" or command[0] in functions or re.match(r"\w+=", command[0])


def words_of(cases, tool, subcommand):
    """The words that reach the tool in all cases (in those that call the subcommand, if there is one)."""
    words = set()
    shared = "".join(path.read_text() for path in sorted(SUPPORT.glob("*.sh")))
    for case in cases:
        text = case.read_text()
        functions = set(re.findall(r"^\s*(\w+)\(\)", text + shared, re.M))
        found = commands(text)
        if subcommand and not any(command[at:at + 2] == [tool, subcommand]
                                  for command in found for at in range(len(command))):
            continue
        for command in found:
            if may_hold_flags(command, tool, functions):
                for word in (piece for word in command for piece in word.split()):
                    words.add(re.sub(r"=.*", "", word).replace("_", "-") if word.startswith("--") else word)
    return words


def is_used(flag, words):
    names = [flag["name"], *flag.get("aliases", [])]
    spellings = {prefix + name for name in names for prefix in ("--", "--no-")}
    if flag["short"]:
        short = re.compile(rf"-[A-Za-z]*{re.escape(flag['short'])}\S*")
        if any(short.fullmatch(word) for word in words if not word.startswith("--")):
            return True
    return bool(spellings & words)


def main():
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    cases = sorted(folder.glob("*.sh"))
    missing = []
    for table in tables(binary):
        tool, _, command = table["tool"].partition(" ")
        words = words_of(cases, tool, command)
        for flag in table["flags"]:
            if flag["positional"] or flag["name"] in ANSWERED_BY_CLI or is_used(flag, words):
                continue
            missing.append(f"{table['tool']} --{flag['name']}")
    for line in missing:
        print(f"no case in {folder.name} uses: {line}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
