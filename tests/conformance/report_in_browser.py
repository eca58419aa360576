#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows a page of qt-eval --report in a headless Chromium and looks at it.

usage: report_in_browser.py QT_EVAL [SCREENSHOT.png]
The browser's own reading of the page must have all its charts, each as wide as it is meant to be, nothing may be asked of
the network, and the picture must show the bars' colours. Exit status 77: there is no Chromium; ./setup --extras installs one.
"""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

BROWSERS = [os.environ.get("BROWSER_PATH"), "chromium-headless-shell", "chromium", "google-chrome"]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--window-size=1000,2400"]
GREEN, RED = (0x2A, 0x8A, 0x4A), (0xC0, 0x50, 0x3C)
CHARTS = 6  # size, number, regrasps, steps; loss and Q of the run


def run_browser(browser, profile, page, *flags):
    # No name but this file's can be resolved: a page that asked for more would show it.
    command = [browser, *FLAGS, f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND",
               "--enable-logging=stderr", *flags, page.as_uri()]
    return subprocess.run(command, capture_output=True, timeout=120, check=True)


def pixels(png):
    """The rows of an 8-bit RGB(A) PNG as bytes, and the bytes of a pixel."""
    at, data = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and colour in (2, 6), (depth, colour)
            size = 3 if colour == 2 else 4
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    raw, stride = zlib.decompress(data), width * size
    above = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        row = bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride):
            a, b, c = row[i - size] if i >= size else 0, above[i], above[i - size] if i >= size else 0
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[i] = (row[i] + (0, a, b, (a + b) // 2, nearest)[raw[start]]) & 255
        above = row
        yield bytes(row), size


def count_colours(png, colours):
    counts = dict.fromkeys(colours, 0)
    for row, size in pixels(png):
        for colour in colours:
            counts[colour] += sum(1 for i in range(0, len(row), size) if tuple(row[i:i + 3]) == colour)
    return counts


def main():
    browser = next(filter(None, (shutil.which(name) for name in BROWSERS if name)), None)
    if browser is None:
        print("skipped: there is no Chromium; ./setup --extras installs one", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory(prefix="qt-report-") as scratch:
        scratch = pathlib.Path(scratch)
        with open(scratch / "metrics.jsonl", "w", encoding="utf-8") as curve:
            for step in range(50, 1000, 50):
                print(json.dumps({"step": step, "loss": 20 / step, "q_mean": 0.2, "target_mean": 0.3}), file=curve)
        page = scratch / "report.html"
        subprocess.run([sys.argv[1], "scripted", "-n", "6", "--seed", "3", "-q", "--report", page, "--run", scratch],
                       check=True, stdout=subprocess.DEVNULL)
        shown = run_browser(browser, scratch / "profile", page, "--dump-dom")
        dom, talk = shown.stdout.decode(), shown.stderr.decode()
        picture = scratch / "report.png"
        run_browser(browser, scratch / "profile", page, f"--screenshot={picture}")
        png = picture.read_bytes()
    if len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).write_bytes(png)
    colours = count_colours(png, (GREEN, RED))
    problems = []
    if len(re.findall(r"<svg[^>]*>.*?<text.*?</svg>", dom, re.DOTALL)) != CHARTS:
        problems.append(f"not {CHARTS} charts in what the browser has read")
    if re.search(r"CONSOLE|ERR_NAME_NOT_RESOLVED|Not allowed to load", talk):
        problems.append(f"the browser complains:\n{talk}")
    if min(colours.values()) < 500:
        problems.append(f"bars are not to be seen: {colours} pixels of green and red")
    for problem in problems:
        print(problem)
    print(f"report: {CHARTS} charts, {colours[GREEN]} green and {colours[RED]} red pixels of bars")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
