#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the tools print as JSON (outputs.py) is what formats/*/*.schema.json say, and nothing that they do not say. So are the
good samples of the protocols.

--update widens the schemas until they fit: new keys come in as not required, types are added, what was missing is not required
any more. Read the difference before you commit it: a key that is required may not become free, nor a type another
(formats/README.md); `upgrade.*` compares with what earlier releases printed.

usage: check.py [--update] BIN
"""

import argparse
import json
import pathlib
import re
import sys
import tempfile

import outputs
from schema import breaches, has_type

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FORMATS = SOURCE / "formats"
SAMPLES = [("robot/answer", "robot/samples/good/driver_*.ndjson"), ("robot/request", "robot/samples/good/client.ndjson"),
           ("episode/dump", "episode/samples/good/*.json"), ("episode/dump", "episode/samples/old/*/*.json"),
           ("report/qt-label-calibration", "report/samples/calibration.json")]

# Objects whose keys are data: what is in one of them fits all.
MAPS = re.compile(r"^(end_reasons|policies|success_by_policy|success_by_objects|tasks|images|action_kinds|action_sources|dropped|labels|by|buckets|judged_by)$")
# Objects of others: a driver's, a run's.
FREE = re.compile(r"^(env_config|truth_config|config|task|lineage|settings)$")
# Whole numbers among these are by chance.
REAL = re.compile(r"(_m|_rad|_s|_px|_ms|_n|_wxyz|rate|value|confidence|reward|mean|stddev|min|max|median|p\d\d|low|high|spread|opening"
                  r"|difference|ratio|seconds|half_width|got|sin_dyaw|cos_dyaw|open|close|terminate|action|interval|p0|p1|error"
                  r"|measured|threshold|min_change|fruitless|.*_p\d+.*|_mps|_radps|q_first|q_last|return_.*|loss.*|td_.*"
                  r"|spearman|r_squared|p_holm|p_value)$")


# What these may be besides what was seen (formats/report/SPEC.md: nothing has no rate; identifiers of 64 bits).
ALSO = {"rate": {"null"}, "interval": {"null"}, "decision": {"string"}, "label": {"string"}, "what": {"string"},
        "env_config": {"string"}, "config": {"string"}, "loss": {"null"}, "td_error": {"null"}}


def type_of(value, key):
    for name in ("null", "boolean", "string", "array", "object"):
        if has_type(value, name):
            return name
    return "integer" if isinstance(value, int) and not REAL.search(key.rstrip("[]")) else "number"


def widened(schema, value, key):
    """`schema` (None: there is none) so that it fits `value`, too."""
    fresh = schema is None
    schema = {} if fresh else dict(schema)
    if "const" in schema or "enum" in schema:
        return schema
    names = schema.get("type", [])
    names = {names} if isinstance(names, str) else set(names)
    names |= {type_of(value, key)} | ALSO.get(key, set())
    if "number" in names:
        names.discard("integer")
    schema["type"] = sorted(names) if len(names) > 1 else names.pop()
    if key in ("interval", "difference_interval"):
        schema["items"] = {"type": "number"}
    if isinstance(value, dict) and not FREE.match(key):
        if MAPS.match(key):
            inner = schema.get("additionalProperties")
            for one in value.values():
                inner = widened(inner, one, "buckets" if key == "by" else "")
            if inner:
                schema["additionalProperties"] = inner
            return schema
        had_keys = "properties" in schema
        properties = dict(schema.get("properties", {}))
        for name, one in value.items():
            properties[name] = widened(properties.get(name), one, name)
        schema["properties"] = properties
        required = schema.get("required", []) if had_keys else list(value)
        schema["required"] = [name for name in required if name in value]
    if isinstance(value, list):
        items = schema.get("items")
        for one in value:
            items = widened(items, one, key + "[]")
        if items:
            schema["items"] = items
    return schema


def update(path, schema, values):
    if "oneOf" not in schema and path.parent.name in ("serve", "robot"):
        schema["oneOf"] = []
    for value in values:
        if "oneOf" not in schema:
            schema.update(widened({key: schema[key] for key in schema if key in ("type", "properties", "required")} or None, value, ""))
            continue
        kind = value["type"]
        (index,) = [i for i, one in enumerate(schema["oneOf"]) if one["properties"]["type"]["const"] == kind] or [None]
        if index is None:
            schema["oneOf"].append(widened(None, value, ""))
            schema["oneOf"][-1]["properties"]["type"] = {"const": kind}
        else:
            schema["oneOf"][index] = widened(schema["oneOf"][index], value, "")
    path.write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n")


def known(value):
    """Without the key by which a sample shows that unknown keys are ignored."""
    return {key: one for key, one in value.items() if one != "unknown keys are ignored"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("bin", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qt-schemas-") as folder:
        got = outputs.collect(arguments.bin.resolve(), SOURCE, pathlib.Path(folder))
    found = [(name, schema, objects) for name, (schema, objects) in got.items()]
    for schema, pattern in SAMPLES:
        for path in sorted(FORMATS.glob(pattern)):
            objects = [known(value) for value in outputs.objects_in(path.read_bytes())]
            found.append((str(path.relative_to(FORMATS)), schema, objects))
    wrong, used = [], set()
    for name, schema_name, objects in found:
        path = FORMATS / f"{schema_name}.schema.json"
        used.add(path)
        if arguments.update:
            title = schema_name.replace("report/", "").replace("-", " ", schema_name.count("qt-data-"))
            schema = json.loads(path.read_text()) if path.exists() else {
                "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
            update(path, schema, objects)
        if not path.exists():
            wrong.append(f"{name}: there is no {path.relative_to(SOURCE)}")
            continue
        schema = json.loads(path.read_text())
        wrong += [f"{name}: {breach}" for value in objects for breach in breaches(schema, value)][:5]
    unused = set(FORMATS.glob("*/*.schema.json")) - used
    wrong += [f"{path.relative_to(SOURCE)} is the schema of nothing" for path in sorted(unused)]
    if wrong:
        print("\n".join(wrong) + "\nIf this is meant: tests/schemas/check.py --update BIN, and read the difference.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
