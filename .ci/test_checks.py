#!/usr/bin/env python3
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
    "lib/mdp/b.cc": '#include "base/a.h"\n#include "mdp/b.h"\n',
    "lib/cli/CMakeLists.txt": "qt_module(cli DEPS base LIBS CLI11::CLI11)\n",
    "lib/cli/c.cc": '#include <CLI/CLI.hpp>\n#include "base/a.h"\n',
    "tests/unit/cli/c_test.cc": "#include <CLI/CLI.hpp>\n#include <gtest/gtest.h>\n",
    "tools/qt-x/CMakeLists.txt": "qt_tool(qt-x DEPS cli mdp)\n",
    "tools/qt-x/run.cc": '#include "mdp/b.h"\n#include "base/a.h"\n',
}

# (check, file, contents, what the complaint must hold)
BAD = [
    ("check_layers.py", "lib/base/CMakeLists.txt", "qt_module(base DEPS mdp)\n", "base (level 0)"),
    ("check_layers.py", "lib/base/up.cc", '#include "mdp/b.h"\n', "may not include mdp/b.h"),
    ("check_layers.py", "lib/cli/d.cc", '#include "mdp/b.h"\n', "does not name mdp"),
    ("check_layers.py", "lib/mdp/d.cc", "#include <CLI/CLI.hpp>\n", "CLI11 lives in lib/cli"),
    ("check_layers.py", "lib/mdp/d.cc", "# include <opencv2/core.hpp>\n", "OpenCV lives in lib/image"),
    ("check_layers.py", "tools/qt-x/d.cc", "#include <torch/torch.h>\n", "LibTorch lives in"),
    ("check_layers.py", "tools/qt-x/d.cc", '#include "cem/cem.h"\n', "does not name cem"),
    ("check_layers.py", "lib/mdp/d.cc", '#include "tools/qt-x/run.h"\n', "may not include tools/"),
    ("check_layers.py", "lib/mdp/d.cc", "#include <gtest/gtest.h>\n", "GoogleTest lives in tests"),
    ("check_layers.py", "tests/unit/mdp/d_test.cc", "#include <CLI/CLI.hpp>\n", "CLI11 lives in lib/cli"),
    ("check_layers.py", "lib/mystery/CMakeLists.txt", "qt_module(mystery)\n", "has no level"),
    ("check_layers.py", "formats/episode/d.cc", "int x;\n", "no C++"),
    ("check_sizes.py", "lib/base/long.cc", "int x;\n" * 701, "701 lines"),
    ("check_sizes.py", "lib/base/long.cc", "int Long(int a) {\n" + "  ++a;\n" * 119 + "}\n", "Long has 121 lines"),
    ("check_sizes.py", "lib/base/long.cc",
     "namespace {\nint Ok() { return '{'; }\nint Long(\n    int a) {\n" + "  ++a;  // }\n" * 119 + "}\n}\n",
     "Long has 122 lines"),
    ("check_sizes.py", "tools/qt-x/main.cc", "int x;\n" * 41, "limit 40"),
    ("check_sizes.py", "tools/qt-x/run.cc", "int x;\n" * 151, "limit 150"),
]


def run(check, extra):
    with tempfile.TemporaryDirectory(prefix="qt-checks-") as folder:
        for name, contents in {**GOOD, **extra}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents)
        return subprocess.run([sys.executable, HERE / check, folder], capture_output=True, text=True, check=False)


def main():
    failures = 0
    for check in ("check_layers.py", "check_sizes.py"):
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
