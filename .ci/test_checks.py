#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checks of .ci must be able to fail: each is run on a small tree with one thing wrong."""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

GOOD = {
    "lib/base/CMakeLists.txt": "qt_module(base)\n",
    "lib/base/a.h": "#pragma once\n#include <string>\n",
    "lib/mdp/CMakeLists.txt": "qt_module(mdp DEPS base)\n",
    "lib/mdp/b.cc": '#include "base/a.h"\n#include "mdp/b.h"\nnamespace {\nconstexpr double kOne = 1;\n'
                    'int Twice(int x) { return 2 * x; }\nstruct Pair {\n};\nusing Row = double;\n}  // namespace\n',
    "lib/mdp/e.cc": "namespace {\nusing Row = double;\nusing std::vector;\n}  // namespace\nint Pair() {}\n",
    "docs/good.md": "# A `b`, c\n[d](#a-b-c) `lib/base` `lib/{base/a.h,mdp/b.cc}` `--good`\n```sh\nqt-y \\\n  -g\n```\n",
    "lib/cli/CMakeLists.txt": "qt_module(\n    cli DEPS base LIBS CLI11::CLI11\n    PCH <CLI/CLI.hpp> PCH_FROM base)\n",
    "lib/cli/c.cc": '#include <CLI/CLI.hpp>\n#include "base/a.h"\n',
    "lib/qnet/CMakeLists.txt": "qt_module(qnet DEPS base mdp)\nqt_interface(qnet_api HEADERS q.h DEPS mdp)\n",
    "lib/qnet/q.h": '#include "mdp/b.h"\n',
    "lib/qnet/net.cc": '#include "base/a.h"\n#include "mdp/b.h"\n#include "qnet/q.h"\n',
    "lib/cem/CMakeLists.txt": "qt_module(cem DEPS qnet_api)\n",
    "lib/cem/cem.cc": '#include "qnet/q.h"\n',
    "tests/unit/cli/c_test.cc": "#include <CLI/CLI.hpp>\n#include <gtest/gtest.h>\n",
    "tools/qt-x/CMakeLists.txt": "qt_tool(qt-x DEPS base mdp)\n",
    "tools/qt-x/run.cc": '#include "mdp/b.h"\n#include "base/a.h"\n',
}

# (check, file, contents, what the complaint must hold)
BAD = [
    ("check_layers.py", "lib/base/CMakeLists.txt", "qt_module(base DEPS mdp)\n", "base -> mdp -> base"),
    ("check_layers.py", "lib/base/CMakeLists.txt", "qt_module(base DEPS mystery)\n", "unknown module mystery"),
    ("check_layers.py", "lib/cli/CMakeLists.txt", "qt_module(cli DEPS base mdp)\n",
     "cli names mdp and includes none of its headers"),
    ("check_layers.py", "lib/cli/CMakeLists.txt", "qt_module(cli LIBS x DEPS base PCH_FROM base DEPS mdp)\n",
     "cli names mdp and includes none of its headers"),
    ("check_layers.py", "tools/qt-x/CMakeLists.txt", "qt_tool(qt-x DEPS base cli mdp)\n", "qt-x names cli"),
    ("check_layers.py", "lib/cem/d.cc", '#include "qnet/net.h"\n', "does not name qnet"),
    ("check_layers.py", "lib/cem/CMakeLists.txt", "qt_module(cem DEPS qnet)\n", "cem names qnet and"),
    ("check_layers.py", "lib/qnet/q.h", '#include "base/a.h"\n', "does not name base"),
    ("check_layers.py", "lib/base/up.cc", '#include "mdp/b.h"\n', "may not include mdp/b.h"),
    ("check_layers.py", "lib/cli/d.cc", '#include "mdp/b.h"\n', "does not name mdp"),
    ("check_layers.py", "lib/mdp/d.cc", "#include <CLI/CLI.hpp>\n", "CLI11 lives in lib/cli"),
    ("check_layers.py", "lib/mdp/d.cc", "# include <opencv2/core.hpp>\n", "OpenCV lives in lib/image"),
    ("check_layers.py", "tools/qt-x/d.cc", "#include <torch/torch.h>\n", "LibTorch lives in"),
    ("check_layers.py", "tools/qt-x/d.cc", '#include "cem/cem.h"\n', "does not name cem"),
    ("check_layers.py", "lib/mdp/d.cc", '#include "tools/qt-x/run.h"\n', "may not include tools/"),
    ("check_layers.py", "lib/mdp/d.cc", "#include <gtest/gtest.h>\n", "GoogleTest lives in tests"),
    ("check_layers.py", "tests/unit/mdp/d_test.cc", "#include <CLI/CLI.hpp>\n", "CLI11 lives in lib/cli"),
    ("check_layers.py", "formats/episode/d.cc", "int x;\n", "no C++"),
    ("check_names.py", "lib/mdp/d.cc", "namespace {\nconstexpr double kOne = 2;\n}  // namespace\n",
     "lib/mdp: kOne means several things, in b.cc:4 and d.cc:2"),
    ("check_names.py", "lib/mdp/d.cc", "namespace {\n\nstd::vector<int> Twice(int x) {\n", "Twice means"),
    ("check_names.py", "lib/mdp/d.cc", "namespace {\nstruct Pair {\n", "Pair means"),
    ("check_names.py", "lib/mdp/d.cc", "namespace {\nusing Row = int;\n", "Row means"),
    ("check_docs.py", "docs/a.md", "# A\n[b](../lib/base/none.h)\n", "docs/a.md:2: no such file"),
    ("check_docs.py", "docs/a.md", "# A b\n[b](#a-c)\n", "no such heading"),
    ("check_docs.py", "docs/a.md", "\n\nsee `lib/base/none.h`\n", "docs/a.md:3: no such path: lib/base/none.h"),
    ("check_docs.py", "docs/a.md", "see `lib/base/{a,c}.h`\n", "no such path: lib/base/c.h"),
    ("check_docs.py", "docs/a.md", "```sh\nls | bin/qt-y --good --bad  # --worse\n```\n", "qt-y has no flag --bad"),
    ("check_docs.py", "docs/a.md", "run `qt-y -z`\n", "qt-y has no flag -z"),
    ("check_docs.py", "docs/a.md", "## An episode's way\n2 files.\n| `lib/base/a.h` | x |\n", "says 2 files, names 1"),
    ("check_docs.py", "docs/a.md", "## An episode's way\n2 files.\n" + "| `lib/base/a.h` | x |\n" * 2, "names lib/base/a.h twice"),
    ("check_docs.py", "docs/a.md", "## An episode's way\n51 files.\n" + "| `lib/base/a.h` | x |\n" * 51, "51 files (limit 50)"),
    ("check_docs.py", "docs/a.md", "`--worse` is\n", "no tool has a flag --worse"),
    ("check_sizes.py", "lib/base/long.cc", "int x;\n" * 701, "701 lines"),
]


# A tool as far as check_docs.py asks one.
TOOL = """#!/bin/sh
echo '{"tool": "qt-y", "flags": [{"name": "good", "short": "g", "bool": true}]}'
"""


def arguments_of(check, folder):
    if check != "check_docs.py":
        return []
    tool = pathlib.Path(folder, "bin", "qt-y")
    tool.parent.mkdir()
    tool.write_text(TOOL)
    tool.chmod(0o755)
    return ["--bin", tool.parent]


def run(check, extra):
    with tempfile.TemporaryDirectory(prefix="qt-checks-") as folder:
        for name, contents in {**GOOD, **extra}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents)
        return subprocess.run([sys.executable, HERE / check, *arguments_of(check, folder), folder], capture_output=True, text=True, check=False)


def main():
    failures = 0
    for check in ("check_docs.py", "check_layers.py", "check_names.py", "check_sizes.py"):
        result = run(check, {"lib/base/fits.cc": "int Fits(int a) {\n" + "  ++a;\n" * 118 + "}\n"})
        if result.returncode != 0:
            print(f"{check} complains about a good tree:\n{result.stdout}{result.stderr}")
            failures += 1
    for check, name, contents, complaint in BAD:
        result = run(check, {name: contents})
        if result.returncode != 1 or complaint not in result.stdout:
            print(f"{check} does not say '{complaint}' about {name}, but:\n{result.stdout}{result.stderr}")
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
