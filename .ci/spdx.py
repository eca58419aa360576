#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The SPDX 2.3 list of a release: each archive with every file in it and its checksums, and what the packages depend on.

usage: spdx.py VERSION COMMIT EPOCH ARCHIVE... > LIST.spdx.json
"""

import datetime
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile

LICENCE = "Apache-2.0"
COPYRIGHT = "2026 The qt-tools contributors"


def checksums(data):
    return [{"algorithm": name.upper(), "checksumValue": hashlib.new(name, data).hexdigest()} for name in ("sha1", "sha256")]


def identifier(text):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", text)


def members(archive):
    """(name, bytes) of each file in a .deb or a tar file, sorted."""
    data = archive.read_bytes()
    if archive.suffix == ".deb":
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", archive], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in sorted(tar.getmembers(), key=lambda one: one.name):
            if member.isfile():
                yield member.name.removeprefix("./"), tar.extractfile(member).read()


def depends_of(archive):
    if archive.suffix != ".deb":
        return []
    text = subprocess.run(["dpkg-deb", "--field", archive, "Depends"], check=True, capture_output=True, text=True).stdout
    return sorted({re.split(r"[ (|]", one.strip())[0] for one in text.strip().split(",")})


def main(version, commit, epoch, *paths):
    created = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    packages, files, relations, needed = [], [], [], set()
    for path in map(pathlib.Path, paths):
        package = identifier(path.name)
        found = list(members(path))
        code = hashlib.sha1("".join(sorted(hashlib.sha1(data).hexdigest() for _, data in found)).encode()).hexdigest()
        packages.append({"SPDXID": package, "name": path.name.split("_")[0], "versionInfo": version, "packageFileName": path.name,
                         "supplier": "Organization: The qt-tools contributors", "downloadLocation": "NOASSERTION",
                         "filesAnalyzed": True, "packageVerificationCode": {"packageVerificationCodeValue": code},
                         "checksums": checksums(path.read_bytes())[1:], "licenseConcluded": LICENCE, "licenseDeclared": LICENCE,
                         "licenseInfoFromFiles": [LICENCE], "copyrightText": COPYRIGHT})
        relations.append(("SPDXRef-DOCUMENT", "DESCRIBES", package))
        for name, data in found:
            file = f"{package}-{hashlib.sha1(name.encode()).hexdigest()[:12]}"
            files.append({"SPDXID": file, "fileName": f"./{name}", "checksums": checksums(data), "licenseConcluded": LICENCE,
                          "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION"})
            relations.append((package, "CONTAINS", file))
        for name in depends_of(path):
            needed.add(name)
            relations.append((package, "DEPENDS_ON", identifier(f"debian-{name}")))
    packages += [{"SPDXID": identifier(f"debian-{name}"), "name": name, "supplier": "Organization: Debian", "filesAnalyzed": False,
                  "downloadLocation": "NOASSERTION", "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
                  "copyrightText": "NOASSERTION"} for name in sorted(needed)]
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"qt-tools-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/qt-tools-{version}-{commit}",
        "creationInfo": {"created": created, "creators": ["Tool: spdx.py"]},
        "packages": packages, "files": files,
        "relationships": [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations]}
    json.dump(document, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
