#!/usr/bin/env python3
"""Limits on size, because files and functions only ever grow: function <= 120 lines, file <= 700, a tool's
main.cc <= 40 and run.cc <= 150. Prints the distribution; fails on the hard limits only.

usage: check_sizes.py [ROOT]
"""

import pathlib
import re
import subprocess
import sys

FUNCTION_LIMIT = 120
FILE_LIMIT = 700
TOOL_LIMITS = {"main.cc": 40, "run.cc": 150}
COUNTED = {".cc", ".h", ".py", ".sh"}

# Comments, strings and character literals hold braces that mean nothing.
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\((?:.*?)\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
NOT_A_BODY = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^;{}()]*$")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def without_digit_separators(text):
    return re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text)


def functions(text):
    """(first line, last line, name) of each outermost brace block that is not a namespace, type or list."""
    text = NOISE.sub(blank, without_digit_separators(text))
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)
    stack, line, head_start = [], 1, 0
    for position, c in enumerate(text):
        if c == "\n":
            line += 1
        elif c == "{":
            head = text[head_start:position]
            inside = any(kind == "body" for kind, _, _ in stack)
            kind = "scope" if NOT_A_BODY.search(head) else "body" if "(" in head and not inside else "other"
            name = re.search(r"([\w:~]+)\s*\(", head)
            stack.append((kind, line - head.strip().count("\n"), name.group(1) if name else "?"))
            head_start = position + 1
        elif c == "}":
            if stack:
                kind, first, name = stack.pop()
                if kind == "body":
                    yield first, line, name
            head_start = position + 1
        elif c == ";":
            head_start = position + 1


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, text=True, check=False).stdout.split("\n")
    if not any(listed):
        listed = [str(path.relative_to(root)) for path in root.rglob("*")]
    for name in sorted(set(listed)):
        path = root / name
        if path.is_file() and path.suffix in COUNTED and not name.startswith("build/"):
            yield name, path


def file_limit(name):
    parts = name.split("/")
    return TOOL_LIMITS.get(parts[-1], FILE_LIMIT) if parts[0] == "tools" else FILE_LIMIT


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    offenders, file_sizes, function_sizes = [], [], []
    for name, path in tracked(root):
        text = path.read_text(errors="replace")
        num_lines = text.count("\n")
        file_sizes.append(num_lines)
        if num_lines > file_limit(name):
            offenders.append(f"{name}: {num_lines} lines (limit {file_limit(name)})")
        if path.suffix not in (".cc", ".h"):
            continue
        for first, last, function in functions(text):
            size = last - first + 1
            if not name.startswith("tests/"):
                function_sizes.append(size)
            if size > FUNCTION_LIMIT:
                offenders.append(f"{name}:{first}: {function} has {size} lines (limit {FUNCTION_LIMIT})")
    for label, sizes in (("files", file_sizes), ("functions outside tests", function_sizes)):
        print(f"{label}: {len(sizes)}, lines median {quantile(sizes, 0.5)} p95 {quantile(sizes, 0.95)} "
              f"max {max(sizes, default=0)}")
    for line in offenders:
        print(line)
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
