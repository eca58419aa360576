#!/usr/bin/env python3
"""Every flag of a tool's table must be used by at least one case in tests/cli/<tool>.

usage: check_flags.py TOOL_BINARY CASES_DIR
Those that lib/cli answers itself (--help, --completion, ...) are tested by check_manners.py.
"""

import json
import pathlib
import re
import subprocess
import sys

ANSWERED_BY_CLI = {"help", "version", "help-man", "completion"}


def tables(binary):
    described = json.loads(subprocess.run([binary, "--dump-flags"], check=True, capture_output=True).stdout)
    return described.get("commands", [described])


def words_of(cases, command):
    """The shell words of all cases (those that name the command, if there is one)."""
    words = set()
    for case in cases:
        text = case.read_text()
        if command and not re.search(rf"\b{re.escape(command)}\b", text):
            continue
        for word in re.findall(r"""[^\s'"|;&()<>`]+""", text):
            words.add(re.sub(r"=.*", "", word).replace("_", "-") if word.startswith("--") else word)
    return words


def is_used(flag, words):
    spellings = {"--" + flag["name"], "--no-" + flag["name"]}
    if flag["short"]:
        spellings.add("-" + flag["short"])
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
        words = words_of(cases, command and f"{tool} {command}")
        for flag in table["flags"]:
            if flag["positional"] or flag["name"] in ANSWERED_BY_CLI or is_used(flag, words):
                continue
            missing.append(f"{table['tool']} --{flag['name']}")
    for line in missing:
        print(f"no case in {folder.name} uses: {line}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
