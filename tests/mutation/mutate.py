#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes single lines of the library at random and looks which changes no test notices.

usage: tests/mutation/mutate.py [--count N] [--seed N] [--modules A,B] [--results FILE] [--work DIR] [--list]

The mutants of a seed are always the same, in the same order: another operator, another constant, a condition turned
round, a statement left out. Each is built in a worktree of its own (--work, of the commit that is checked out here) with
the preset dev; first the unit tests that are nearest to the module run, then, if nothing was noticed, the cases of the
command line and what else could notice. A row for each is appended to --results; a mutant that has a row there is not
tried again, so an interrupted run goes on where it was. A mutant that does not compile has a row and does not count.
Takes one to ten minutes a mutant. Exit status 0, survivors or not.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# For each module the unit tests that run first, and the other tests that could notice.
SUITES = {
    "mcap": (["mcap", "episodes", "data"], "cli[.]qt-data|conformance|faults[.](damaged|random|spool|disk)|fuzz[.]episode"),
    "episodes": (["episodes", "data", "rollout"],
                 "cli[.]qt-(data|label)|conformance|faults[.](damaged|random|spool|disk)|fuzz[.](episode|cdr)"),
    "train": (["train"], "cli[.]qt-train|faults[.]train|pipeline"),
    "serve": (["serve"], "cli[.]qt-serve|conformance|fuzz[.](wire|http)|pipeline"),
    "label": (["label"], "cli[.]qt-label|pipeline"),
    "sim": (["sim", "rollout"], "cli[.]qt-(collect|eval)|conformance|pipeline"),
}
TOOLS = ("qt-collect", "qt-label", "qt-train", "qt-serve", "qt-eval", "qt-data")

OPERATORS = {" < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == ", " + ": " - ",
             " - ": " + ", " * ": " / ", " / ": " * ", " && ": " || ", " || ": " && ", " += ": " -= ", " -= ": " += ",
             "++": "--", "--": "++"}
OPERATOR = re.compile("|".join(re.escape(operator) for operator in sorted(OPERATORS, key=len, reverse=True)))
NUMBER = re.compile(r"(?<![\w.\"'])(\d+(?:\.\d+)?)(?=[uUfl]?\b)(?![\w']*')")
CONDITION = re.compile(r"^(\s*(?:\} else )?(?:if|while) \()(.*)(\)(?: \{| return.*;| continue;| break;|))$")
STATEMENT = re.compile(r"^\s+(?!return|const |auto |using |case |throw |delete |static |goto )"
                       r"(?:QT_TRY\(.*\)|[\w.:>\[\]()*-]+(?:\(.*\)| (?:[-+*/|&]?=) .*)|(?:\+\+|--)\w+|continue|break);$")
UNTOUCHED = re.compile(r"^\s*(?:#|//|static_assert|QT_CHECK|QT_ASSERT|constexpr char|namespace|using|template)")
TEXT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//.*$')


def masked(line):
    """The line with its strings and comments blanked, of the same length."""
    return TEXT.sub(lambda match: " " * len(match.group(0)), line)


def another_number(text):
    if "." in text:
        return str(float(text) * 2 if float(text) else 1.0)
    return {"0": "1", "1": "0"}.get(text, str(int(text) + 1))


def mutations(line):
    """(column, kind, the changed line), each a change of one thing."""
    code = masked(line)
    if UNTOUCHED.match(line) or not code.strip():
        return
    for match in OPERATOR.finditer(code):
        old = match.group(0)
        yield match.start(), f"'{old.strip()}' becomes '{OPERATORS[old].strip()}'", line[:match.start()] + OPERATORS[old] + line[match.end():]
    for match in NUMBER.finditer(code):
        new = another_number(match.group(1))
        yield match.start(), f"{match.group(1)} becomes {new}", line[:match.start()] + new + line[match.end():]
    for match in re.finditer(r"\b(true|false)\b", code):
        new = "false" if match.group(1) == "true" else "true"
        yield match.start(), f"{match.group(1)} becomes {new}", line[:match.start()] + new + line[match.end():]
    condition = CONDITION.match(line)
    if condition and ";" not in condition.group(2):
        yield len(condition.group(1)), "the condition turned round", f"{condition.group(1)}!({condition.group(2)}){condition.group(3)}"
    if STATEMENT.match(line) and code.count("(") == code.count(")"):
        yield 0, "left out", re.match(r"\s*", line).group(0) + ";"


def all_mutants(modules, seed):
    """Every mutant, in the order of the seed, the modules in turn: (file, line number, column, kind, changed line)."""
    orders = []
    for module in modules:
        found = []
        for path in sorted((ROOT / "lib" / module).glob("*.cc")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for column, kind, changed in mutations(line):
                    found.append((str(path.relative_to(ROOT)), number, column + 1, kind, changed))
        random.Random(f"{seed} {module}").shuffle(found)
        orders.append(found)
    return [mutant for turn in itertools.zip_longest(*orders) for mutant in turn if mutant]


class Work:
    """A worktree with a build of its own."""

    def __init__(self, folder, modules):
        self.folder, self.build = folder, folder / "build" / "dev"
        commit = git("rev-parse", "HEAD").strip()
        if not (folder / ".git").exists():
            git("worktree", "add", "--detach", str(folder), commit)
        git("checkout", "--detach", "--force", commit, folder=folder)
        self.commit, self.modules = commit, modules
        self.known = {}
        self.log = folder / "build" / "mutation.log"

    def run(self, command, limit_s):
        """(exit status, or None if it took too long; output)."""
        environment = dict(os.environ, CCACHE_NOHASHDIR="1")
        environment.setdefault("CCACHE_BASEDIR", str(self.folder))
        with subprocess.Popen(command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as process:
            try:
                output, _ = process.communicate(timeout=limit_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                output, _ = process.communicate()
                return None, output
        return process.returncode, output

    def make(self, targets):
        status, output = self.run(["ninja", "-C", "build/dev", "-j1", *targets], 3600)
        self.log.write_text(output)
        return status == 0

    def unit_tests(self, module):
        return [f"{name}_test" for name in SUITES[module][0]]

    def prepare(self):
        """Builds and runs the unit tests without a mutant."""
        state = self.folder / "build" / "mutation.json"
        known = json.loads(state.read_text()) if state.exists() else {}
        if known.get("commit") != self.commit:
            known = {"commit": self.commit, "seconds": {}, "failing": {}}
        status, output = self.run(["cmake", "--preset", "dev", "-DQT_WERROR=OFF", "-DQT_BENCH=OFF"], 600)
        if status != 0:
            sys.exit(f"mutate: cmake fails:\n{output[-2000:]}")
        for module in [module for module in self.modules if module not in known["seconds"]]:
            if not self.make(self.unit_tests(module)):
                sys.exit(f"mutate: the unchanged tree does not build:\n{self.log.read_text()[-2000:]}")
            start = time.monotonic()
            for name in self.unit_tests(module):
                status, output = self.run([self.build / "bin" / name], 1800)
                if status != 0:
                    sys.exit(f"mutate: {name} fails on the unchanged tree:\n{output[-2000:]}")
            known["seconds"][module] = time.monotonic() - start
        self.known = known
        state.write_text(json.dumps(known))

    def failing(self, module):
        """The other tests that fail without a mutant; REQUIRES: the tree is unchanged."""
        if module not in self.known["failing"]:
            self.make([])
            _, output = self.ctest(module, [])
            self.known["failing"][module] = failed_tests(output)
            (self.folder / "build" / "mutation.json").write_text(json.dumps(self.known))
        return self.known["failing"][module]

    def ctest(self, module, more):
        return self.run(["ctest", "--test-dir", "build/dev", "--timeout", "300", "-R", f"^({SUITES[module][1]})", *more], 7200)

    def try_unit_tests(self, module, limit_s):
        """What notices; None if nothing does."""
        for name in self.unit_tests(module):
            if not self.make([name]):
                return "does not compile"
            status, output = self.run([self.build / "bin" / name, "--gtest_fail_fast", "--gtest_brief=1"], limit_s)
            if status is None:
                return f"caught by {name}, which does not end"
            if status != 0:
                case = re.search(r"\[  FAILED  \] (\S+?),? ", output)
                return f"caught by {name} {case.group(1) if case else f'(exit status {status})'}"
        return None

    def try_the_rest(self, module, failing):
        if not self.make([]):
            return "does not compile"
        left_out = ["-E", f"^({'|'.join(map(re.escape, failing))})$"] if failing else []
        status, output = self.ctest(module, ["--stop-on-failure", *left_out])
        return None if status == 0 else "caught by " + (", ".join(failed_tests(output)) or "tests that do not end")

    def change(self, path, number, changed):
        file = self.folder / path
        lines = file.read_text().splitlines(keepends=True)
        lines[number - 1] = changed + "\n"
        file.write_text("".join(lines))

    def restore(self, path):
        git("checkout", "--force", "--", path, folder=self.folder)


def failed_tests(output):
    return re.findall(r"^\s*\d+ - (\S+) \((?:Failed|Timeout|SEGFAULT|Subprocess aborted|Exit code.*|Bus error|ILLEGAL)\)", output, re.M)


def git(*words, folder=ROOT):
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout


def try_mutant(work, mutant):
    path, number, _, _, changed = mutant
    module = path.split("/")[1]
    for attempt in (lambda: work.try_unit_tests(module, 60 + 10 * work.known["seconds"][module]),
                    lambda: work.try_the_rest(module, failing)):
        work.change(path, number, changed)
        try:
            caught = attempt()
        finally:
            work.restore(path)
        if caught:
            return caught
        failing = work.failing(module)
    return "SURVIVED"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100, help="mutants that compile, those with a row included")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modules", default=",".join(SUITES))
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "build" / "mutation.txt")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--list", action="store_true", help="print the mutants and end")
    options = parser.parse_args()
    modules = options.modules.split(",")
    if not set(modules) <= set(SUITES):
        parser.error(f"--modules: {', '.join(SUITES)}")
    mutants = all_mutants(modules, options.seed)
    if options.list:
        for path, number, column, kind, changed in mutants[:options.count]:
            print(f"{path}:{number}:{column} {kind}: {changed.strip()}")
        return
    options.results.parent.mkdir(parents=True, exist_ok=True)
    rows = options.results.read_text().splitlines() if options.results.exists() else []
    done = {row.split(" | ")[0]: row.split(" | ")[1] for row in rows if " | " in row}
    work = Work(options.work.resolve(), modules)
    work.prepare()
    counted = caught = 0
    for mutant in mutants:
        if counted == options.count:
            break
        name = "{}:{}:{} {}".format(*mutant[:4])
        if name not in done:
            start = time.monotonic()
            done[name] = try_mutant(work, mutant)
            with options.results.open("a") as file:
                file.write(f"{name} | {done[name]} | {time.monotonic() - start:.0f} s\n")
            print(f"{name} | {done[name]}", flush=True)
        counted += done[name] != "does not compile"
        caught += done[name].startswith("caught")
    print(f"{counted} mutants of seed {options.seed}: {caught} caught, {counted - caught} survived; {options.results}")


if __name__ == "__main__":
    main()
