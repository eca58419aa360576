#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Talks to the real qt-serve, written from formats/serve/SPEC.md alone: a client in another language.

usage: serve_session.py QT_SERVE MODEL
"""

import json
import pathlib
import random
import signal
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from serve_client import CAMERA, GRIPPER, act, frame, line, picture  # noqa: E402


def frames(data):
    """The JSON of each frame of the server's output."""
    found = []
    while data:
        total, length = struct.unpack("<II", data[:8])
        found.append(json.loads(data[8:8 + length]))
        data = data[4 + total:]
    return found


def serve(data, *flags, status=0):
    done = subprocess.run([QT_SERVE, MODEL, "--stdio", "--cem", "16/4/2", *flags], input=data, capture_output=True,
                          timeout=100)
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stdout


def essence(answer):
    """An answer without what may differ."""
    return {key: value for key, value in answer.items() if key not in ("compute_ms", "wait_ms")}


class Session(unittest.TestCase):
    def test_hello_describes_the_model(self):
        hello = json.loads(serve(line({"type": "hello", "protocol": 1, "client": "test"})))
        self.assertEqual(hello["protocol"], 1)
        self.assertEqual(len(hello["model"]["digest"]), 64)
        self.assertEqual(hello["image"], {"width_px": 64, "height_px": 64})
        self.assertTrue(hello["needs_camera"])
        self.assertEqual(hello["task"]["name"], "qt-bin/1")

    def test_both_framings_and_any_number_of_threads_give_the_same_answers(self):
        requests = [(act(n), picture(n)) for n in range(24)]
        lines = serve(b"".join(line(*request) for request in requests))
        want = [essence(json.loads(text)) for text in lines.splitlines()]
        self.assertEqual([answer["id"] for answer in want], list(range(24)), "one thread keeps the order")
        binary = b"".join(frame(*request) for request in requests)
        for flags in ([], ["--threads", "3"]):
            got = sorted(map(essence, frames(serve(binary, *flags))), key=lambda answer: answer["id"])
            self.assertEqual(got, want)

    def test_an_answer_is_an_action_with_its_value(self):
        answer = json.loads(serve(line(act(1), picture(1))))
        self.assertEqual(answer["type"], "action")
        self.assertEqual(answer["source"], "greedy")
        dx, dy, dz, sin, cos, *flags = answer["action"]
        self.assertLessEqual(max(abs(dx), abs(dy)), 0.1001)
        self.assertLessEqual(abs(dz), 0.1601)
        self.assertAlmostEqual(sin * sin + cos * cos, 1, places=5)
        self.assertTrue(all(flag in (0, 1) for flag in flags) and sum(flags) <= 1)
        self.assertTrue(0 <= answer["q_value"] <= 1 and answer["spread"] >= 0 and answer["compute_ms"] > 0)

    def test_the_camera_is_remembered_by_its_session_alone(self):
        without = {**act(2), "id": 3}
        del without["camera"]
        other = {**without, "id": 4, "session": 99}
        data = b"".join(line(request, picture(5)) for request in (act(2), without, other))
        answers = {answer["id"]: answer for answer in map(json.loads, serve(data).splitlines())}
        self.assertEqual({**essence(answers[2]), "id": 3}, essence(answers[3]))
        self.assertEqual(answers[4]["error"]["code"], "needs_camera")

    def test_every_bad_request_gets_its_error_and_the_next_is_answered(self):
        cases = [
            ("bad_request", b'{"type": "act", "id": 1}\n'),
            ("bad_request", b"{ this is no JSON\n"),
            ("bad_request", line(act(3, gripper={**GRIPPER, "opening": 7}), picture(0))),
            ("bad_request", line(act(4), picture(0)[:-1])),
            ("bad_image", line(act(5, image={"encoding": "jpeg", "width_px": 64, "height_px": 64}), b"\xff\xd8junk")),
            ("bad_image", line(act(6, image={"encoding": "rgb8", "width_px": 2, "height_px": 1},
                                   camera={**CAMERA, "width_px": 2, "height_px": 1}), b"123456")),
            ("unsupported_protocol", b'{"type": "hello", "protocol": 9}\n'),
        ]
        data = b"".join(case + line(act(50), picture(1)) for _, case in cases)
        answers = [json.loads(text) for text in serve(data).splitlines()]
        self.assertEqual(sorted(answer["error"]["code"] for answer in answers if answer["type"] == "error"),
                         sorted(code for code, _ in cases))
        self.assertEqual(sum(answer["type"] == "action" for answer in answers), len(cases))

    def test_input_that_cannot_be_framed_ends_the_server(self):
        answer = json.loads(serve(b"GET / HTTP/1.1\r\n\r\n", status=1))
        self.assertEqual(answer["error"]["code"], "bad_frame")
        half = serve(frame(act(1), picture(1)) + frame(act(2), picture(2))[:-5], status=1)
        self.assertEqual([answer["type"] for answer in frames(half)], ["action", "error"])

    def test_damaged_lines_get_one_well_formed_answer_each(self):
        rng = random.Random(7)
        good = line(act(8), picture(8))[:-1]
        data = line(act(0), picture(0))
        for _ in range(300):
            damaged = bytearray(good)
            for _ in range(rng.randint(1, 4)):
                place = rng.randrange(1, 600)  # the header; after it everything is base64
                damaged[place:place + rng.randint(0, 3)] = bytes(rng.choice(b'{}[]",:0e-x\xff') for _ in range(rng.randint(0, 3)))
            data += bytes(damaged).replace(b"\n", b" ") + b"\n"
        answers = [json.loads(text) for text in serve(data).splitlines()]
        self.assertEqual(len(answers), 301)
        self.assertTrue(all(answer["type"] in ("action", "error") for answer in answers))
        self.assertGreater(sum(answer["type"] == "error" for answer in answers), 100)

    def test_sigterm_ends_it_in_order(self):
        with subprocess.Popen([QT_SERVE, MODEL, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            server.stdin.write(line(act(1), picture(1)))
            server.stdin.flush()
            self.assertEqual(json.loads(server.stdout.readline())["id"], 1)
            server.send_signal(signal.SIGTERM)  # its input stays open
            self.assertEqual(server.stdout.read(), b"")
            self.assertEqual(server.wait(10), 0)


if __name__ == "__main__":
    QT_SERVE, MODEL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
