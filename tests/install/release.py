#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./release refuses what is no release, before anything is made; the SPDX list names what is in an archive.

usage: release.py
"""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIP = 77


def ends(tree, status, said, *words):
    done = subprocess.run([tree / "release", *words], capture_output=True, text=True, check=False)
    assert done.returncode == status and said in done.stdout + done.stderr, (words, done.returncode, done.stdout, done.stderr)


def main(scratch):
    if subprocess.run(["git", "rev-parse", "HEAD"], cwd=SOURCE, capture_output=True, check=False).returncode != 0:
        print("skipped: no git repository")
        return SKIP
    tree = scratch / "tree"
    subprocess.run(["git", "clone", "-q", "--shared", SOURCE, tree], check=True, capture_output=True)
    for name in ("release", ".ci/spdx.py"):  # as they are now, committed or not
        shutil.copy(SOURCE / name, tree / name)
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@example.invalid", "commit", "-q", "--allow-empty", "-m", "a"]
    subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
    subprocess.run(commit, cwd=tree, check=True)
    (version,) = re.findall(r"^project\(.* VERSION ([0-9.]+) ", (tree / "CMakeLists.txt").read_text(), re.M)
    ends(tree, 0, f"qt-tools-{version}.tar.gz", version, "--dry-run")
    ends(tree, 2, "give a version", "--dry-run")
    ends(tree, 2, "give a version", "next")
    ends(tree, 2, "unknown flag", version, "--dry")
    ends(tree, 1, "CHANGELOG.md says nothing of 99.0.0", "99.0.0", "--dry-run")
    changes = tree / "CHANGELOG.md"
    changes.write_text(changes.read_text() + "\n## 99.0.0\n\nNothing.\n")
    ends(tree, 1, "not committed", "99.0.0", "--dry-run")
    subprocess.run([*commit, "-a"], cwd=tree, check=True)
    ends(tree, 1, "CMakeLists.txt has another version", "99.0.0", "--dry-run")
    assert not (tree / "build").exists(), "a check made something"

    (scratch / "file").write_bytes(b"content")
    with tarfile.open(scratch / "a.tar.gz", "w:gz") as tar:
        tar.add(scratch / "file", "a/file")
    list_of = [tree / ".ci/spdx.py", "1.2.3", "0" * 40, "0", scratch / "a.tar.gz"]
    spdx = json.loads(subprocess.run(list_of, check=True, capture_output=True).stdout)
    (file,) = spdx["files"]
    assert (file["fileName"], spdx["creationInfo"]["created"]) == ("./a/file", "1970-01-01T00:00:00Z")
    assert {"algorithm": "SHA256", "checksumValue": hashlib.sha256(b"content").hexdigest()} in file["checksums"]
    names = {one["SPDXID"] for one in spdx["packages"] + spdx["files"]} | {"SPDXRef-DOCUMENT"}
    assert all({one["spdxElementId"], one["relatedSpdxElement"]} <= names for one in spdx["relationships"])
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="qt-release-") as made:
        sys.exit(main(pathlib.Path(made)))
