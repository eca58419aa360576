#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bench/merge_policies.py makes of two policies, as qt-serve sees it.

usage: merge_policies.py QT_SERVE MERGE_POLICIES MODEL
"""

import array
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from serve_client import act, line, picture  # noqa: E402

DOWN = [0.02, -0.01, -0.1, 0, 1, 0, 0, 0]


def split(path):
    """Header and data of a safetensors file."""
    contents = pathlib.Path(path).read_bytes()
    data_at = 8 + struct.unpack("<Q", contents[:8])[0]
    return json.loads(contents[8:data_at]), contents[data_at:]


def write(path, header, data):
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def q_value(model):
    """Q of DOWN, and what the server says about itself."""
    requests = line({"type": "hello", "protocol": 1}) + line(act(1, action=DOWN), picture(9))
    done = subprocess.run([QT_SERVE, model, "--stdio"], input=requests, capture_output=True, timeout=100, check=True)
    hello, answer = map(json.loads, done.stdout.splitlines())
    return answer["q_value"], hello


def merge(*arguments):
    return subprocess.run([sys.executable, MERGE, *arguments], capture_output=True, text=True, timeout=100)


class Merge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.one, self.two, self.out = (pathlib.Path(folder.name) / name for name in ("one", "two", "out"))
        header, data = split(MODEL)
        write(self.one, header, data)
        weights = array.array("f", data)
        self.doubled = array.array("f", [2 * weight for weight in weights]).tobytes()
        write(self.two, header, self.doubled)

    def test_an_ensemble_answers_the_mean_of_q(self):
        self.assertEqual(merge("ensemble", self.out, self.one, self.two).returncode, 0)
        (one, hello), (two, _), (mean, both) = map(q_value, (self.one, self.two, self.out))
        self.assertNotAlmostEqual(one, two, places=3)
        self.assertAlmostEqual(mean, (one + two) / 2, places=5)
        self.assertEqual(both["model"]["step"], 2 * hello["model"]["step"])

    def test_an_average_has_the_mean_of_the_weights(self):
        self.assertEqual(merge("average", self.out, self.one, self.two).returncode, 0)
        weights = array.array("f", split(self.one)[1])
        mean = array.array("f", split(self.out)[1])
        for weight, value in zip(weights, mean):
            self.assertAlmostEqual(value, 1.5 * weight, delta=1e-6 + 1e-6 * abs(weight))
        self.assertTrue(0 <= q_value(self.out)[0] <= 1)

    def test_what_does_not_fit_is_named(self):
        header, data = split(self.two)
        header["__metadata__"]["cem"] = "17/3/5"
        write(self.two, header, data)
        done = merge("average", self.out, self.one, self.two)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.one}: its network, task or search is not that of {self.two}", done.stderr)
        self.assertFalse(self.out.exists())
        self.assertEqual(merge("median", self.out, self.one, self.two).returncode, 1)

    def test_an_ensemble_of_ensembles_is_none(self):
        merge("ensemble", self.two, self.one, self.one)
        self.assertIn("an ensemble already", merge("ensemble", self.out, self.two, self.two).stderr)


if __name__ == "__main__":
    QT_SERVE, MERGE, MODEL = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1])
