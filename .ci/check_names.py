#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What sources of a module, a tool or a module's unit tests declare for themselves, in an unnamed namespace, has a name
that no other source beside them uses for something else: builds that compile several sources as one (QT_UNITY) need it,
and so does who searches for a name.

usage: check_names.py [ROOT]
"""

import collections
import pathlib
import re
import sys

FOLDERS = ("lib/*", "tools/*", "tests/unit/*")
TYPE = re.compile(r"(?:enum )?(?:struct|class|enum|union) (?:\[\[\w+\]\] )?(\w+)")
ALIAS = re.compile(r"(?:using|namespace) (\w+) =.*")
FUNCTION = re.compile(r"(?:[\w:<>,&*\s\[\]]*?[\s&*>])?(\w+)\(")
VALUE = re.compile(r".*?(\w+)\s*(?:=|\[\w*\]|\{|;)")
MACRO = re.compile(r"[A-Z_0-9]+\(")


def declared(text):
    """(name, line number, declaration) of what begins at column 0 in unnamed namespaces."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line == "namespace {":
            inside = True
        elif line == "}  // namespace":
            inside = False
        elif (inside or line.startswith("static ")) and re.match(r"[A-Za-z]", line) and not MACRO.match(line):
            if line.startswith(("template", "using namespace")) or re.match(r"using [\w:]+;", line):
                continue
            alias = ALIAS.match(line)
            match = TYPE.match(line) or alias or FUNCTION.match(line) or VALUE.match(line)
            if match:
                yield match.group(1), number, line if alias else ""


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    bad = 0
    for folder in sorted(path for pattern in FOLDERS for path in root.glob(pattern)):
        places = collections.defaultdict(dict)
        for path in sorted(folder.glob("*.cc")):
            for name, number, alias in declared(path.read_text(errors="replace")):
                places[name].setdefault(path.name, (number, alias))
        for name, found in sorted(places.items()):
            aliases = {alias for _, alias in found.values()}
            if len(found) > 1 and (len(aliases) > 1 or "" in aliases):
                where = " and ".join(f"{file}:{number}" for file, (number, _) in found.items())
                print(f"{folder.relative_to(root)}: {name} means several things, in {where}")
                bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
