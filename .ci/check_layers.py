#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the house in order (docs/ARCHITECTURE.md): who may include what.

* A module or tool includes only itself and the modules that its qt_module(... DEPS ...) or qt_tool(... DEPS ...)
  names, and every module that is named is included somewhere in it.
* The modules' dependencies have no cycle.
* A tool never includes another tool; lib includes neither tools nor tests; nothing but tests includes tests, and
  bench tests/support.
* Each third-party library is included only in its home, and in the unit tests of that module.
Modules, tools and their dependencies are read from the CMakeLists.txt files. There is no list of exceptions.

usage: check_layers.py [ROOT]
"""

import pathlib
import re
import subprocess
import sys

# (include pattern, library, homes)
THIRD_PARTY = [
    (r"mujoco/|mujoco\.h", "MuJoCo", {"lib/sim"}),
    (r"EGL/|GL/|GLES\d?/", "EGL and GL", {"lib/sim"}),
    (r"assimp/", "Assimp", {"lib/objects"}),
    (r"tinyxml2\.h", "TinyXML-2", {"lib/objects"}),
    (r"torch/|ATen/|c10/|caffe2/", "LibTorch", {"lib/qnet", "lib/train"}),
    (r"opencv2/", "OpenCV", {"lib/image"}),
    (r"turbojpeg\.h|jpeglib\.h", "TurboJPEG", {"lib/image"}),
    (r"png\.h", "libpng", {"lib/image"}),
    (r"zstd\.h|zstd_errors\.h|zdict\.h", "zstd", {"lib/mcap", "bench"}),  # bare zstd is a floor
    (r"lz4\w*\.h", "lz4", {"lib/mcap"}),
    (r"nlohmann/", "nlohmann/json", {"lib/json"}),
    (r"CLI/", "CLI11", {"lib/cli"}),
    (r"boost/", "Boost.Beast", {"lib/serve"}),
    (r"libdeflate\.h|xxhash\.h|openssl/", "a checksum library", {"lib/base"}),
    (r"gtest/|gmock/", "GoogleTest", {"tests"}),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCE_SUFFIXES = {".cc", ".h", ".cpp", ".hpp", ".c"}
MAX_OFFENDERS = 20


def keyword_arguments(text):
    """{keyword: words} of a CMake call's arguments; a word in capitals is a keyword."""
    found, keyword = {}, ""
    for word in re.sub(r"#.*", "", text).split():
        if re.fullmatch(r"[A-Z][A-Z_]+", word):
            keyword = word
            found.setdefault(keyword, [])
        else:
            found.setdefault(keyword, []).append(word)
    return found


class Checker:
    def __init__(self, root):
        self.root = root
        self.offenders = []
        self.api_headers = {}  # of an interface, a part of a module: "module/header.h" -> its name
        self.cmake_of = {}
        self.modules = self.declarations("lib", "qt_module") | self.declarations("lib", "qt_interface")
        self.tools = self.declarations("tools", "qt_tool")
        self.included = {name: set() for name in self.modules | self.tools}

    def declarations(self, folder, function):
        """{name: dependencies} of the calls of `function` in the CMakeLists.txt below `folder`."""
        found = {}
        for path in sorted((self.root / folder).glob("*/CMakeLists.txt")):
            for match in re.finditer(rf"\b{function}\(\s*(\S+)([^)]*)\)", path.read_text()):
                name, arguments = match.group(1), keyword_arguments(match.group(2))
                found[name] = arguments.get("DEPS", [])
                self.cmake_of[name] = str(path.relative_to(self.root))
                for header in arguments.get("HEADERS", []):
                    self.api_headers[f"{path.parent.name}/{header}"] = name
        return found

    def offend(self, where, sentence):
        self.offenders.append(f"{where}: {sentence}")

    def check_names(self):
        for name, dependencies in (self.modules | self.tools).items():
            for dependency in dependencies:
                if dependency not in self.modules:
                    self.offend(self.cmake_of[name], f"unknown module {dependency}")

    def check_cycles(self):
        done = set()

        def visit(name, path):
            if name in path:
                cycle = path[path.index(name):] + [name]
                self.offend(self.cmake_of[name], f"modules depend on each other: {' -> '.join(cycle)}")
            elif name not in done:
                for dependency in self.modules.get(name, []):
                    visit(dependency, path + [name])
                done.add(name)

        for name in self.modules:
            visit(name, [])

    def check_unused(self):
        for name, dependencies in (self.modules | self.tools).items():
            for dependency in dependencies:
                if dependency in self.modules and dependency not in self.included[name]:
                    self.offend(self.cmake_of[name], f"{name} names {dependency} and includes none of its headers")

    def check_project_include(self, where, area, name, header):
        first = header.split("/")[0]
        if area in ("lib", "bench") and first in ("tools", "tests"):
            self.offend(where, f"{area} may not include {header}")
        if (first in self.tools or header.startswith("tools/")) and area != "tests" and first != name:
            self.offend(where, f"a tool's header may be included by that tool only: {header}")
        if area == "tools" and first in ("tests", "unit"):
            self.offend(where, f"tools may not include {header}")
        if first not in self.modules or "/" not in header or area not in ("lib", "tools"):
            return
        module = self.api_headers.get(header, first)
        named = set((self.modules | self.tools).get(name, []))
        included = self.included.setdefault(name, set())
        if name not in (first, module) and not named & {first, module} and module not in included:
            self.offend(where, f"{area}/{name} may not include {header}: its CMake line does not name {module}")
        included.add(module)

    def check_third_party(self, where, area, name, header):
        if where.startswith("tests/unit/"):  # may look inside the module that it tests
            area, name = "lib", where.split("/")[2]
        for pattern, library, homes in THIRD_PARTY:
            if re.match(pattern, header) and not homes & {where.split("/")[0], f"{area}/{name}"}:
                self.offend(where, f"{library} lives in {' and '.join(sorted(homes))}: {header}")

    def sources(self):
        listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=self.root,
                                capture_output=True, text=True, check=False).stdout.split("\n")
        if not any(listed):  # an export without git
            listed = [str(path.relative_to(self.root)) for path in self.root.rglob("*")]
        for name in sorted(set(listed)):
            path = self.root / name
            if path.suffix in SOURCE_SUFFIXES and path.is_file():
                yield name, path

    def check_sources(self):
        for name, path in self.sources():
            parts = name.split("/")
            if parts[0] not in ("lib", "tools", "tests", "bench", "formats"):
                continue
            area, owner = parts[0], parts[1]
            if area == "formats":
                self.offend(name, "formats holds contracts, no C++")
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                where = f"{name}:{number}"
                self.check_third_party(where, area, owner, match.group(2))
                if match.group(1) == '"':
                    self.check_project_include(where, area, self.api_headers.get(name.removeprefix("lib/"), owner),
                                               match.group(2))

    def run(self):
        self.check_names()
        self.check_cycles()
        self.check_sources()
        self.check_unused()
        for line in self.offenders[:MAX_OFFENDERS]:
            print(line)
        if len(self.offenders) > MAX_OFFENDERS:
            print(f"... and {len(self.offenders) - MAX_OFFENDERS} more")
        return 1 if self.offenders else 0


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    sys.exit(Checker(ROOT).run())
