#!/usr/bin/env python3
"""Keeps the house in order (docs/ARCHITECTURE.md): who may include what.

* A module includes only itself and modules that its qt_module(... DEPS ...) names, and those are of a strictly
  lower level.
* A tool includes lib (what its qt_tool(... DEPS ...) names or reaches) and itself, never another tool.
* lib includes neither tools nor tests; nothing but tests includes tests, and bench tests/support.
* Each third-party library is included only in its home, and in the unit tests of that module.
There is no list of exceptions.

usage: check_layers.py [ROOT]
"""

import pathlib
import re
import subprocess
import sys

LEVELS = {"base": 0, "mdp": 1, "mcap": 1, "stats": 1, "json": 2, "image": 2, "cem": 2, "qnet_api": 2, "episodes": 3, "protocol": 3,
          "tensors": 3, "replay": 3, "data": 4, "label": 4, "qnet": 4, "rlds": 4, "robot": 4, "bellman": 5, "policy": 5, "sim": 5,
          "cli": 3, "rollout": 6, "scene": 6, "serve": 6, "train": 6, "eval": 7}

# The interface qnet_api is the header of qnet that does without LibTorch.
API_HEADERS = {"qnet/q_function.h": "qnet_api"}
API_REACH = {"qnet_api": ["base", "mdp"]}

# (include pattern, library, homes)
THIRD_PARTY = [
    (r"mujoco/|mujoco\.h", "MuJoCo", {"lib/sim"}),
    (r"EGL/|GL/|GLES\d?/", "EGL and GL", {"lib/sim"}),
    (r"assimp/", "Assimp", {"lib/sim"}),
    (r"tinyxml2\.h", "TinyXML-2", {"lib/sim"}),
    (r"torch/|ATen/|c10/|caffe2/", "LibTorch", {"lib/qnet", "lib/train"}),
    (r"opencv2/", "OpenCV", {"lib/image"}),
    (r"turbojpeg\.h|jpeglib\.h", "TurboJPEG", {"lib/image"}),
    (r"png\.h", "libpng", {"lib/image"}),
    (r"zstd\.h|zstd_errors\.h|zdict\.h", "zstd", {"lib/mcap", "bench"}),  # bare zstd is a floor
    (r"lz4\w*\.h", "lz4", {"lib/mcap"}),
    (r"nlohmann/", "nlohmann/json", {"lib/json"}),
    (r"CLI/", "CLI11", {"lib/cli"}),
    (r"httplib\.h", "cpp-httplib", {"lib/serve"}),
    (r"libdeflate\.h|xxhash\.h|openssl/", "a checksum library", {"lib/base", "lib/rlds"}),
    (r"gtest/|gmock/", "GoogleTest", {"tests"}),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCE_SUFFIXES = {".cc", ".h", ".cpp", ".hpp", ".c"}
MAX_OFFENDERS = 20


class Checker:
    def __init__(self, root):
        self.root = root
        self.offenders = []
        self.modules = self.declarations("lib", "qt_module")
        self.tools = self.declarations("tools", "qt_tool")
        self.reach = {}

    def declarations(self, folder, function):
        """{name: dependencies} of the qt_module or qt_tool lines below `folder`."""
        found = {}
        for path in sorted((self.root / folder).glob("*/CMakeLists.txt")):
            for match in re.finditer(rf"{function}\(\s*(\S+)([^)]*)\)", path.read_text()):
                words = match.group(2).split()
                dependencies, keyword = [], None
                for word in words:
                    if word in ("DEPS", "LIBS", "PCH"):
                        keyword = word
                    elif keyword == "DEPS":
                        dependencies.append(word)
                found[match.group(1)] = dependencies
        return found

    def offend(self, where, sentence):
        self.offenders.append(f"{where}: {sentence}")

    def check_levels(self):
        for module, dependencies in self.modules.items():
            where = f"lib/{module}/CMakeLists.txt"
            if module not in LEVELS:
                self.offend(where, f"module {module} has no level in .ci/check_layers.py")
                continue
            for dependency in dependencies:
                if dependency not in LEVELS:
                    self.offend(where, f"unknown module {dependency}")
                elif LEVELS[dependency] >= LEVELS[module]:
                    self.offend(where, f"{module} (level {LEVELS[module]}) may not depend on {dependency} "
                                       f"(level {LEVELS[dependency]})")
        for tool, dependencies in self.tools.items():
            for dependency in dependencies:
                if dependency not in LEVELS:
                    self.offend(f"tools/{tool}/CMakeLists.txt", f"unknown module {dependency}")

    def reachable(self, names):
        """The modules named and everything they depend on."""
        seen, todo = set(), list(names)
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self.modules.get(name, API_REACH.get(name, []))
        return seen

    def allowed_for(self, area, name):
        if area == "lib":
            return {name} | set(self.modules.get(name, []))
        if area == "tools":
            return self.reachable(self.tools.get(name, []))
        return set(LEVELS)

    def check_project_include(self, where, area, name, header):
        first = header.split("/")[0]
        if area in ("lib", "bench") and first in ("tools", "tests"):
            self.offend(where, f"{area} may not include {header}")
        if (first in self.tools or header.startswith("tools/")) and area != "tests" and first != name:
            self.offend(where, f"a tool's header may be included by that tool only: {header}")
        if area == "tools" and first in ("tests", "unit"):
            self.offend(where, f"tools may not include {header}")
        module = API_HEADERS.get(header, first)
        if first not in LEVELS or "/" not in header:
            return
        allowed = self.allowed_for(area, name)
        if module not in allowed and first not in allowed:
            self.offend(where, f"{area}/{name} may not include {header}: its CMake line does not name {module}")

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
                    self.check_project_include(where, area, owner, match.group(2))

    def run(self):
        self.check_levels()
        self.check_sources()
        for line in self.offenders[:MAX_OFFENDERS]:
            print(line)
        if len(self.offenders) > MAX_OFFENDERS:
            print(f"... and {len(self.offenders) - MAX_OFFENDERS} more")
        return 1 if self.offenders else 0


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    sys.exit(Checker(ROOT).run())
