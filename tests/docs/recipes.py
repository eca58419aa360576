#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the recipes of a page: every fenced block is run as it stands, checked, or marked with the reason why not.

A page's blocks run one after the other in one folder that is empty at first, with nothing in the environment but PATH
(the built tools, /usr/bin, /bin) and an empty HOME. `sh` blocks run by `bash -e -o pipefail`, `python` blocks by
python3, `json` blocks must parse. HTML comments before a block, or anywhere in the page for the blocks below, say more:

    <!-- start with: run/ spool/ -->       puts these files (see Stage) into the folder
    <!-- not run: needs a robot -->        the next block is not run
    <!-- exit status: 3 -->                the next block ends so (0 or 3: either)
    <!-- same as: examples/cron/crontab --> the next block is this file, letter for letter
    <!-- for 3 s -->                       the next block goes on until it is stopped

So that this is quick, numbers of grasps and gradient steps are divided by 200 and 1,000 or more on their way to the tools, and
training has a tiny network; ports become free ones. Servers that a block starts live until the page ends.

With --examples the page is a tool: the examples of its --help run likewise, each by itself.

usage: recipes.py [--list] BIN FIXTURES PAGE
       recipes.py [--list] --examples BIN FIXTURES TOOL
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
NEVER_RUN = {"text", "cpp", "cmake"}  # layouts, formulas, what a program prints, code
FILES_ONLY = {"crontab", "ini", "nginx"}  # must be `same as` a file, which a test of its own tries
MARK = re.compile(r"<!-- (start with|not run|exit status|same as|for)(?:: | )(.*?) -->$")
TOOL = re.compile(r"\s*\$? ?(qt-(?:collect|label|train|serve|eval|data)|curl) ")
SECONDS = 240  # what a block may take

# Examples of --help that cannot run here: (part of the command, why).
EXAMPLES_NOT_RUN = [
    ("exec:ssh", "needs a second machine"),
    ("cell7_driver", "needs a robot"),
    ("kuka/", "needs the published data"),
    ("--calibrate", "needs seventy episodes"),
    ("--where 'steps>10'", "needs failures that long"),
]

# Scales what a command asks for, and hands it on. A flag that is given twice counts once, the last.
SHIM = r"""#!/bin/sh
tool=@TOOL@
count=no; before=
n=$#
while [ $n -gt 0 ]; do
  word=$1; shift; n=$((n - 1)); raw=$word
  case $before in
    -n | --episodes-per-file) count=yes; case $word in *[!0-9]*) ;; *) word=$(((word + 199) / 200)) ;; esac ;;
    --steps | --evaluate-every)
      case $word in *[!0-9]*) ;; ??????*) word=$((word / 10000)) ;; *) word=$(((word + 999) / 1000)) ;; esac ;;
  esac
  before=$raw
  set -- "$@" "$word"
done
case " $* " in *" --help"* | *" --version "* | *" --completion "*) exec "@BIN@/$tool" "$@" ;; esac
case $tool in
  qt-train)
    case " $* " in *" --steps "*) ;; *) set -- --steps 2 "$@" ;; esac
    case " $* " in *" --init "*) ;; *) set -- --tower-channels 4 "$@" ;; esac  # or the policy has its own
    set -- --batch-size 4 --train-buffer-size 32 --target-cem 8/2/1 --act-cem 8/2/1 --evaluate-episodes 2 "$@" ;;
  qt-eval)
    case " $* " in
      *" --protocol bin "*) set -- "$@" --bins 1 --attempts 2 ;;
      *) [ $count = yes ] || set -- "$@" -n 2 ;;
    esac ;;
  qt-collect)
    case " $* " in
      *" --follow "* | *" --serve-robot "* | *" --preview "*) ;;
      *) [ $count = yes ] || set -- "$@" -n 2 ;;
    esac ;;
esac
exec "@BIN@/$tool" "$@"
"""

# Where there is no jq: what it is given must be JSON.
JQ = """#!/usr/bin/python3
import json, sys
text, at, decoder = sys.stdin.read(), 0, json.JSONDecoder()
while text[at:].strip():
    at += len(text[at:]) - len(text[at:].lstrip())
    value, at = decoder.raw_decode(text, at)
    print(json.dumps(value))
"""

CUBE = """v 0 0 0\nv {0} 0 0\nv {0} {0} 0\nv 0 {0} 0\nv 0 0 {0}\nv {0} 0 {0}\nv {0} {0} {0}\nv 0 {0} {0}
f 1 3 2\nf 1 4 3\nf 5 6 7\nf 5 7 8\nf 1 2 6\nf 1 6 5\nf 2 3 7\nf 2 7 6\nf 3 4 8\nf 3 8 7\nf 4 1 5\nf 4 5 8
"""


class Block:
    def __init__(self, where, language, text, marks):
        self.where, self.language, self.text, self.marks = where, language, text, marks
        self.stage = []  # what it starts with


def blocks_of(page):
    """([Block], [offence])"""
    blocks, offences, marks, stage, fence = [], [], {}, [], None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        where = f"{page.relative_to(SOURCE)}:{number}"
        if fence is not None:
            if line.strip() == "```":
                indent = len(fence[0])
                text = "".join(one[indent:] + "\n" for one in fence[2])
                blocks.append(Block(fence[3], fence[1], text, marks))
                blocks[-1].stage, marks, fence = list(stage), {}, None
            else:
                fence[2].append(line)
            continue
        opened = re.match(r"( *)```(\w*)$", line)
        mark = MARK.search(line)
        if opened:
            fence = (opened[1], opened[2], [], where)
        elif mark and mark[1] == "start with":
            stage += mark[2].split()
        elif mark:
            marks[mark[1]] = mark[2]
        elif line.startswith("    ") and TOOL.match(line):
            offences.append(f"{where}: a command belongs into a fenced block")
        elif line.strip():
            offences += [f"{where}: nothing to mark here" for _ in marks]
            marks = {}
    return blocks, offences


class Stage:
    """Makes the files that pages start with, out of the fixtures."""

    def __init__(self, fixtures, folder):
        self.fixtures, self.folder = fixtures, folder

    def copy(self, name, target):
        (self.folder / target).parent.mkdir(exist_ok=True)
        shutil.copyfile(self.fixtures / name, self.folder / target)

    def add(self, name):
        target = self.folder / name
        if target.exists():
            return
        if name == "run/":
            shutil.copytree(self.fixtures / "run", target)
        elif name in ("spool/", "labelled/"):
            self.copy("labelled.mcap", f"{name}first.mcap")
        elif name == "raw/":
            self.copy("viewed.mcap", "raw/first.mcap")
        elif name == "meshes/":
            target.mkdir()
            (target / "cube.obj").write_text(CUBE.format(0.03))
            (target / "long.obj").write_text(CUBE.format(0.04))
        elif name in ("formats/", "models/", "examples/", "tests/", "bench/"):
            target.symlink_to(SOURCE / name)
        elif name in ("unfinished.mcap", "bad.mcap", ".a.mcap.4711-0.tmp"):
            self.copy("truncated_tail.mcap", name)
        elif name.endswith(".safetensors"):
            self.copy("model.safetensors", name)
        elif name in ("a.mcap", "b.mcap", "labelled.mcap"):
            self.copy("labelled.mcap", name)
        elif name.endswith(".mcap"):
            self.copy("episodes.mcap", name)
        else:
            raise SystemExit(f"there is no {name} to start with")


class Runner:
    def __init__(self, binaries, fixtures, scratch):
        self.folder, tools, home = scratch / "folder", scratch / "tools", scratch / "home"
        for made in (self.folder, tools, home):
            made.mkdir()
        self.stage = Stage(fixtures, self.folder)
        for tool in ("qt-collect", "qt-train", "qt-eval"):
            self.program(tools / tool, SHIM.replace("@TOOL@", tool).replace("@BIN@", str(binaries)))
        if not shutil.which("jq"):
            self.program(tools / "jq", JQ)
        self.environment = {"PATH": f"{tools}:{binaries}:/usr/bin:/bin", "HOME": str(home)}
        self.ports, self.groups = {}, []

    @staticmethod
    def program(path, text):
        path.write_text(text)
        path.chmod(0o755)

    def port(self, match):
        if match[2] not in self.ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.ports[match[2]] = str(probe.getsockname()[1])
        return match[1] + self.ports[match[2]]

    def run(self, block):
        """What went wrong, or None."""
        for name in block.stage:
            self.stage.add(name)
        text = re.sub(r"(localhost:|127\.0\.0\.1:|--http )(80\d\d)\b", self.port, block.text)
        command = ["bash", "-e", "-o", "pipefail", "-c", text]
        if block.language == "python":
            command = ["python3", "-c", text]
        endless = re.match(r"(\d+) s", block.marks.get("for", ""))
        wanted = {int(one) for one in re.findall(r"\d+", block.marks.get("exit status", "0"))}
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
            self.groups.append(process.pid)
            try:
                status = process.wait(int(endless[1]) if endless else SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    status = process.wait(20)
                except subprocess.TimeoutExpired:
                    return f"does not end by SIGTERM\n{text}"
                if endless and status in (0, 130, 143, -signal.SIGTERM):
                    return None
                if not endless:
                    status = f"none within {SECONDS} s"
            if status in wanted:
                return None
            output.seek(0)
            said = output.read().decode(errors="replace")[-3000:]
        return f"exit status {status}, wanted {' or '.join(map(str, sorted(wanted)))}\n{text}{said}"

    def close(self):
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                pass


def treatment(block):
    """("run", ""), ("not run", why), ("same as", file), ("never", "") or ("offence", sentence)"""
    if "not run" in block.marks:
        return "not run", block.marks["not run"]
    if "same as" in block.marks:
        path = SOURCE / block.marks["same as"]
        if path.is_file() and path.read_text() == block.text:
            return "same as", block.marks["same as"]
        return "offence", f"is not the same as {block.marks['same as']}"
    if block.language in ("sh", "python"):
        return "run", ""
    if block.language == "json":
        try:
            for line in [block.text] if block.text.lstrip().startswith("{\n") else block.text.splitlines():
                json.loads(line)
        except ValueError as error:
            return "offence", f"is not JSON: {error}"
        return "run", "as JSON"
    if block.language in FILES_ONLY:
        return "offence", "is neither the same as a file nor marked as not run"
    if block.language in NEVER_RUN:
        return "never", ""
    return "offence", f"has no language that is known here: '{block.language}'"


def examples_of(binary):
    """The examples of a tool's --help, or of those of its commands, each as a block."""
    help_text = subprocess.run([binary, "--help"], check=True, capture_output=True, text=True).stdout
    commands = re.search(r"^Commands:\n((?: .*\n)+)", help_text, re.M)
    for command in re.findall(r"^  (\w+) ", commands[1], re.M) if commands else [None]:
        words = [binary, command, "--help"] if command else [binary, "--help"]
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        section = re.search(r"^Examples:\n((?: .*\n)+)", text, re.M)
        for number, line in enumerate(re.findall(r"^  ([^# ].*)$", section[1] if section else "", re.M)):
            marks = {}
            for part, why in EXAMPLES_NOT_RUN:
                if part in line:
                    marks["not run"] = why
            if re.search(r"--follow|^qt-serve|--stdio", line):
                marks["for"] = "3 s"
            if re.search(r"--require|\bcheck\b|\brecover\b", line):
                marks["exit status"] = "0 or 3"
            block = Block(f"{' '.join(map(str, words[1:-1]))} example {number + 1}".strip(), "sh", line + "\n", marks)
            made = set(re.findall(r"(?:-o|--output) (\S+?)/?(?= |$)", line)) if "--resume" not in line else set()
            block.stage = [name for name in EVERYTHING if name.rstrip("/") not in made or "qt-train" not in line
                           and name.endswith("/")]
            yield block


EVERYTHING = ["run/", "spool/", "raw/", "labelled/", "a.mcap", "b.mcap", "bad.mcap", "old.mcap", "new.safetensors",
              "best.safetensors", "policy.safetensors", "models/", ".a.mcap.4711-0.tmp"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true", help="only say what would be done")
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("fixtures", type=pathlib.Path)
    parser.add_argument("page")
    arguments = parser.parse_args()
    binaries = arguments.bin.resolve()
    offences = []
    if arguments.examples:
        blocks = list(examples_of(binaries / arguments.page))
    else:
        blocks, offences = blocks_of(pathlib.Path(arguments.page).resolve())
    with tempfile.TemporaryDirectory(prefix="qt-recipes-", ignore_cleanup_errors=True) as scratch:
        runner = None
        try:
            for number, block in enumerate(blocks):
                what, why = treatment(block)
                if arguments.list:
                    print(f"{block.where}: {block.language}: {what} {why}".rstrip())
                elif what == "offence":
                    offences.append(f"{block.where}: {why}")
                elif what == "run" and block.language in ("sh", "python"):
                    if runner is None or arguments.examples:
                        if runner is not None:
                            runner.close()
                        (pathlib.Path(scratch) / str(number)).mkdir()
                        runner = Runner(binaries, arguments.fixtures.resolve(), pathlib.Path(scratch) / str(number))
                    wrong = runner.run(block)
                    if wrong:
                        offences.append(f"{block.where}: {wrong}")
        finally:
            if runner is not None:
                runner.close()
    print("\n".join(offences), end="\n" if offences else "")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
