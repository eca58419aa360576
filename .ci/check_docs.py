#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the Markdown pages name must exist:

* the target of every relative link, with its heading (`page.md#heading`);
* every path in backticks that begins with a folder of the project, or a file beside the page;
* under "An episode's way": as many files as the text says, none of them twice, and at most WALK_LIMIT;
* the tests that tests/faults/README.md names;
* with --bin: every flag and subcommand of our tools in fenced commands and in backticks, by the tools' own tables
  (--dump-flags); and a flag in backticks is a flag of some tool, on a tool's man page of that tool.

CHANGELOG.md tells of the past: there only links are checked.

usage: check_docs.py [--bin DIR] [ROOT]
"""

import argparse
import glob
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "support"))
from shell_words import arguments_of  # pylint: disable=wrong-import-position

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"(`+)(.+?)\1", re.S)
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.M | re.S)
SHELLS = {"sh", "bash", "console", "crontab", "ini", ""}
# Stand for any flag, where a page explains how flags are written.
PLACEHOLDERS = {"--flag", "--no-flag", "--x", "--no-x"}
# Other programs, whose flags are their own.
FOREIGN = re.compile(r"^(cmake|ctest|git|ninja|\./|curl|ffmpeg|ros2|npm|python3|gcc|g\+\+|docker|perf|jq)")


def tracked(root, pattern):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern], cwd=root,
                            capture_output=True, text=True, check=False).stdout.split("\n")
    if not any(listed):  # an export without git
        listed = [str(path.relative_to(root)) for path in root.rglob(pattern)]
    return sorted(name for name in set(listed) if name and (root / name).is_file() and not name.startswith("build/"))


def anchor(heading):
    """GitHub's name of a heading."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def headings(text):
    return {anchor(line.lstrip("#")) for line in FENCE.sub("", text).splitlines() if line.startswith("#")}


# A new reader should get through. So many files does an episode enter between the simulator and an action.
WALK_HEADING, WALK_LIMIT = "## An episode's way\n", 50


class Tools:
    """What our tools accept, from their --dump-flags."""

    def __init__(self, folder):
        self.tables = {}  # "tool" or "tool command" -> {spelling: takes a value}
        for path in sorted(pathlib.Path(folder).glob("qt-*")):
            described = json.loads(subprocess.run([path, "--dump-flags"], check=True, capture_output=True).stdout)
            self.tables[path.name] = {"--help": False, "--version": False, "--help-man": False, "--completion": True}
            for table in described.get("commands", [described]):
                self.tables[table["tool"]] = self.spellings(table["flags"])

    @staticmethod
    def spellings(flags):
        found = {}
        for flag in flags:
            for name in (flag["name"], *flag.get("aliases", [])):
                found["--" + name] = not flag["bool"]
                if flag["bool"]:
                    found["--no-" + name] = False
            if flag["short"]:
                found["-" + flag["short"]] = not flag["bool"]
        return found

    def names(self):
        return [name for name in self.tables if " " not in name]

    def all_flags(self, tool=""):
        return {flag for name, table in self.tables.items() if name.split()[0] == tool or not tool for flag in table}

    def complaint(self, tool, words):
        """What is wrong with `tool words...`, or None."""
        table, rest = tool, list(words)
        commands = {name.split()[1] for name in self.tables if name.startswith(tool + " ")}
        if commands and rest and not rest[0].startswith("-") and not re.search(r"[$<.…A-Z]", rest[0]):
            if rest[0] not in commands:
                return f"{tool} has no command {rest[0]}"
            table = f"{tool} {rest.pop(0)}"
        known = self.tables[table] if table in self.tables else self.all_flags(tool)
        for word in rest:
            if word == "--":
                break
            flag = re.sub(r"=.*", "", word).replace("_", "-") if word.startswith("--") else word[:2]
            if re.fullmatch(r"--[a-z][\w-]*|-[A-Za-z]", flag) and flag not in known:
                return f"{table} has no flag {flag}"
        return None


class Page:
    def __init__(self, root, name, tools):
        self.root, self.name, self.tools = root, name, tools
        self.text = (root / name).read_text()
        self.offenders = []
        self.is_history = name == "CHANGELOG.md"

    def offend(self, at, sentence):
        self.offenders.append(f"{self.name}:{self.text.count(chr(10), 0, at) + 1}: {sentence}")

    def check_link(self, at, target):
        if re.match(r"[a-z]+:", target):
            return
        path, _, heading = target.partition("#")
        goal = (self.root / self.name).parent / path if path else self.root / self.name
        if not goal.exists():
            self.offend(at, f"no such file: {target}")
        elif heading and goal.suffix == ".md" and heading not in headings(goal.read_text()):
            self.offend(at, f"no such heading: {target}")

    def check_path(self, at, code):
        """A path of the project, if it looks like one."""
        path = code.split(":")[0].rstrip("/")
        if not re.fullmatch(r"[\w.*/{},+-]+", path) or "/" not in path and not path.endswith(".md"):
            return
        top = path.split("/")[0]
        here = (self.root / self.name).parent
        if not (self.root / top).is_dir() and not path.endswith(".md"):
            return
        if top in ("build", "") or re.search(r"\.\.\.", path):
            return
        for one in expand(path):
            one = one if (self.root / one).exists() else re.sub(r"\b[A-Z]+\b", "*", one)  # a word in capitals is any
            places = [self.root / one, here / one, self.root / (one + ".*")]
            if "/" not in one:
                places.append(self.root / "**" / one)
            if not any(glob.glob(str(place), recursive=True) for place in places):
                self.offend(at, f"no such path: {one}")

    def check_command(self, at, text, anywhere):
        for tool in self.tools.names():
            for words in arguments_of(tool, text, anywhere):
                complaint = self.tools.complaint(tool, words)
                if complaint:
                    self.offend(at, complaint)

    def check_flag(self, at, code):
        flag = re.match(r"--[a-z][a-z-]*", code)
        tool = self.name.split("/")[1] if re.match(r"tools/qt-\w+/qt-\w+(-\w+)?\.1\.md$", self.name) else ""
        if flag and flag.group() not in self.tools.all_flags(tool) | PLACEHOLDERS:
            self.offend(at, f"{tool or 'no tool'} has {'no' if tool else 'a'} flag {flag.group()}")

    def check_walk(self):
        at = self.text.find(WALK_HEADING)
        if at < 0:
            return
        section = self.text[at + len(WALK_HEADING):].split("\n## ")[0]
        files = re.findall(r"^\| `([^`]+)`", section, re.M)
        said = re.search(r"(\d+) files", section)
        for name in sorted({name for name in files if files.count(name) > 1}):
            self.offend(at, f"names {name} twice")
        if not said or int(said.group(1)) != len(files):
            self.offend(at, f"says {said.group(1) if said else 'no'} files, names {len(files)}")
        if len(files) > WALK_LIMIT:
            self.offend(at, f"{len(files)} files (limit {WALK_LIMIT})")

    def check_test(self, at, code):
        """A name of ctest, or of a unit test."""
        suite, _, name = code.partition(".")
        if re.fullmatch(r"[A-Z]\w*\.[A-Z]\w*", code):
            defined = rf"^TEST(_F|_P)?\({suite},\s*{name}\)"
            files = (self.root / "tests/unit").rglob("*_test.cc")
            if not any(re.search(defined, path.read_text(), re.M) for path in files):
                self.offend(at, f"no such unit test: {code}")
        elif suite == "cli":
            if not (self.root / "tests/cli" / (name.replace(".", "/") + ".sh")).exists():
                self.offend(at, f"no such case: {code}")
        elif suite == "fuzz" and not (self.root / f"tests/fuzz/{name}_fuzz.cc").exists():
            self.offend(at, f"no such fuzz target: {code}")
        elif suite in ("faults", "docs"):
            told = (self.root / "tests" / suite / "CMakeLists.txt").read_text()
            if code not in told and name.removeprefix("service.") not in told:
                self.offend(at, f"no such test: {code}")

    def check(self):
        for match in FENCE.finditer(self.text):
            if self.tools and not self.is_history and match.group(2) in SHELLS:
                self.check_command(match.start(), match.group(3), anywhere=True)
        prose = FENCE.sub(lambda match: "\n" * match.group().count("\n"), self.text)
        self.text = prose
        self.check_walk()
        for match in LINK.finditer(CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), prose)):
            self.check_link(match.start(), match.group(1))
        for match in CODE.finditer(prose):
            code = " ".join(match.group(2).split())
            if self.is_history:
                continue
            self.check_path(match.start(), code)
            if self.name == "tests/faults/README.md":
                self.check_test(match.start(), code)
            if self.tools and not FOREIGN.match(code):
                self.check_command(match.start(), code, anywhere=False)
                if self.name.split("/")[0] not in ("bench", "tests"):  # pages about scripts, with flags of their own
                    self.check_flag(match.start(), code)
        return self.offenders


def expand(path):
    """a/{b,c}.cc -> a/b.cc, a/c.cc"""
    match = re.search(r"\{([^{}]*)\}", path)
    if not match:
        return [path]
    return [one for word in match.group(1).split(",")
            for one in expand(path[:match.start()] + word.strip() + path[match.end():])]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", help="folder with the built tools")
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    tools = Tools(arguments.bin) if arguments.bin else None
    offenders = []
    for name in tracked(arguments.root, "*.md"):
        offenders += Page(arguments.root, name, tools).check()
    print("\n".join(offenders), end="\n" if offenders else "")
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
