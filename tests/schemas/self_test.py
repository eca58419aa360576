#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What checks the outputs finds what it is there to find."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "upgrade"))
from schema import breaches  # noqa: E402
from upgrade import changed  # noqa: E402

INNER = {"type": "object", "properties": {"rate": {"type": ["null", "number"]}}, "required": ["rate"]}
SCHEMA = {"type": "object", "required": ["n"], "properties": {
    "n": {"type": "integer"}, "by": {"type": "object", "additionalProperties": INNER}, "list": {"type": "array", "items": INNER}}}
KINDS = {"oneOf": [{"type": "object", "properties": {"type": {"const": name}}, "required": ["type"]} for name in ("a", "b")]}


def wrong(schema, value, strict=True):
    return list(breaches(schema, value, strict=strict))


good = {"n": 1, "by": {"any": {"rate": None}}, "list": [{"rate": 0.5}]}
assert not wrong(SCHEMA, good)
for bad in ({}, {"n": 1.5}, {"n": True}, {"n": 1, "by": {"any": {}}}, {"n": 1, "list": [{"rate": "x"}]}, {"n": 1, "new": 2}):
    assert len(wrong(SCHEMA, bad)) == 1, bad
assert not wrong(SCHEMA, {"n": 1, "new": 2}, strict=False)
assert not wrong(KINDS, {"type": "b"}) and wrong(KINDS, {"type": "c"})
try:
    wrong({"minimum": 3}, 1)
    raise AssertionError("a keyword that is not checked was taken")
except ValueError:
    pass

assert not list(changed(good, {**good, "n": 2, "more": []}))
assert not list(changed({"rate": None}, {"rate": 0.5}))
for now in ({**good, "n": "1"}, {**good, "by": {"any": {}}}, {**good, "list": [{}]}, {"n": 1}):
    assert list(changed(good, now)), now
