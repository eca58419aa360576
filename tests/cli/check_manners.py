#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every tool owes its user, whatever it does: help, version, man page, completions, start-up.

usage: check_manners.py TOOL_BINARY [--light]
--light: the tool may not load LibTorch, nor the parts of OpenCV that are slow to load.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HELP_LIMIT_S = 0.060
# LibTorch alone costs 0.6 s before main; it is the tool's own business where it is needed.
HEAVY_HELP_LIMIT_S = 3.0
FORBIDDEN = ("libtorch", "libc10", "libopencv_imgcodecs", "libopencv_videoio", "libopencv_highgui")

failures = []


def expect(condition, sentence):
    if not condition:
        failures.append(sentence)


def call(*words):
    return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)


def answer(*words):
    """stdout of a call that must succeed in silence."""
    result = call(*words)
    shown = " ".join(os.path.basename(word) for word in words)
    expect(result.returncode == 0, f"`{shown}` gives exit status {result.returncode}")
    expect(not result.stderr, f"`{shown}` talks: {result.stderr.decode(errors='replace')}")
    expect(result.stdout, f"`{shown}` prints nothing")
    return result.stdout.decode()


def check_help(tool, commands, tables):
    for command in [[]] + [[name] for name in commands]:
        text = answer(tool, *command, "--help")
        expect("Usage: " in text and "Exit status:" in text, f"help of {command} lacks a section")
        options = re.sub(r"\nExamples:\n.*?\n\n", "\n", text, flags=re.S)  # a command is as long as it is
        expect(all(len(line) <= 100 for line in options.splitlines()), f"help of {command} has long lines")
    for table in tables:
        words = table["tool"].split()[1:]
        text = answer(tool, *words, "--help")
        short = answer(tool, *words, "-h")
        expect(len(short) < len(text) and f"shows all" in short, f"-h of {words} is not the short help")
        for flag in table["flags"]:
            name = flag["metavar"] if flag["positional"] else flag["name"]
            expect(name in text, f"--help does not show {name}")
            expect(flag["help"] and not flag["help"].endswith("."), f"help text of {name}")


def check_man(tool, *command):
    page = answer(tool, *command, "--help-man")
    name = "-".join([os.path.basename(tool), *command])
    for heading in (f".TH {name.upper()} 1", ".SH NAME", ".SH SYNOPSIS", ".SH EXIT STATUS"):
        expect(heading in page, f"the man page of {name} lacks {heading}")
    if name.startswith("qt-"):
        expect(".SH DESCRIPTION" in page, f"the man page of {name} has no prose (tools/*/{name}.1.md)")
    if not shutil.which("man"):
        return
    with tempfile.NamedTemporaryFile("w", suffix=".1", prefix=name) as file:
        file.write(page)
        file.flush()
        rendered = subprocess.run(["man", "--warnings", "-l", file.name], capture_output=True,
                                  env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
        expect(rendered.returncode == 0, "the man page cannot be rendered")
        expect(not rendered.stderr, f"the man page gives warnings: {rendered.stderr.decode()}")
        expect(b"EXIT STATUS" in rendered.stdout, "the rendered man page lacks EXIT STATUS")


def check_completions(tool):
    for shell in ("bash", "zsh", "fish"):
        script = answer(tool, "--completion", shell)
        checker = shutil.which(shell)
        if not checker:
            continue
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(script)
            file.flush()
            parsed = call(checker, "-n", file.name)
            expect(parsed.returncode == 0, f"{shell} cannot parse its completions: {parsed.stderr}")
    expect(call(tool, "--completion", "tcsh").returncode == 2, "an unknown shell is no usage error")


def check_wrong_flag(tool, commands):
    words = commands[:1]
    result = call(tool, *words, "--hepl")
    expect(result.returncode == 2, "a wrong flag does not give exit status 2")
    expect(not result.stdout, "a wrong flag prints to standard output")
    text = result.stderr.decode()
    expect(text.startswith(os.path.basename(tool) + ": ") and text.count("\n") == 1,
           f"a wrong flag does not give one sentence: {text}")
    expect("did you mean '--help'?" in text, f"no suggestion for a wrong flag: {text}")


def full_disk(tool):
    with open("/dev/full", "w") as full:
        result = subprocess.run([tool, "--help"], stdout=full, stderr=subprocess.PIPE)
    expect(result.returncode == 1, "--help > /dev/full is not a failure")
    expect(b"No space left" in result.stderr, "--help > /dev/full says nothing")


def help_time_s(tool):
    """The best of several: what the machine does besides must not count."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        call(tool, "--help")
        times.append(time.perf_counter() - start)
    return min(times)


def check_startup(tool, light):
    limit_s = HELP_LIMIT_S if light else HEAVY_HELP_LIMIT_S
    sanitized = os.environ.get("QT_SANITIZED") == "1"
    took_s = help_time_s(tool)
    expect(sanitized or took_s < limit_s, f"--help takes {took_s * 1000:.0f} ms (limit {limit_s * 1000:.0f})")
    if light:
        libraries = call("ldd", tool).stdout.decode()
        for name in FORBIDDEN:
            expect(name not in libraries, f"loads {name}")


def main():
    tool, light = os.path.abspath(sys.argv[1]), "--light" in sys.argv[2:]
    described = json.loads(answer(tool, "--dump-flags"))
    tables = described.get("commands", [described])
    commands = [table["tool"].split()[1] for table in tables if " " in table["tool"]]
    check_help(tool, commands, tables)
    version = answer(tool, "--version")
    expect(version.startswith(os.path.basename(tool) + " "), "--version does not begin with the name")
    for command in [[]] + [[name] for name in commands]:
        check_man(tool, *command)
    check_completions(tool)
    check_wrong_flag(tool, commands)
    full_disk(tool)
    check_startup(tool, light)
    for sentence in failures:
        print(f"{os.path.basename(tool)}: {sentence}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
