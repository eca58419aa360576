#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged requests against a real qt-serve, over its Unix socket in both framings and over HTTP: mutations of good requests, and of
the samples and corpora of the repository. Every answer must be well formed, the server must live, a good request must still get the
same action, and memory must not grow. Prints a line of JSON every 30 s and one of the whole; exit status 1 if any of it fails.

usage: serve_fuzz.py QT_SERVE MODEL [SECONDS [SEED]]     MODEL: of pictures of 64 x 64
"""

import collections
import json
import pathlib
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from serve_client import Client, act, essence, frame, line, picture, with_data  # noqa: E402

PERIOD_S = 30
TOKENS = [b"{", b"}", b"[", b"]", b'"', b",", b":", b"-1", b"1e999", b"null", b"true", b"\x00", b"\xff\xfe", b"\r\n", b"\r\n\r\n",
          b"9007199254740993", b"Content-Length: 99\r\n", b"Transfer-Encoding: chunked\r\n", b'"action":[0,0,0,0,1,0,1,0],',
          b'"deadline_ms":0,', b'"session":4097,', b"18446744073709551616", struct.pack("<I", 0xFFFFFFFF)]


def files(*patterns):
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern)) if path.is_file()]


def http(path, body, headers=""):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def seeds():
    requests = [act(n, **more) for n in range(6) for more in ({}, {"action": [0, 0, -0.05, 0, 1, 0, 0, 0]}, {"deadline_ms": 5})]
    stream = [frame(request, picture(request["id"])) for request in requests]
    stream += [line(request, picture(request["id"])) for request in requests]
    stream += [frame({"type": "hello", "protocol": 1}), line({"type": "end", "session": 1})]
    stream += files("formats/serve/samples/*/*.ndjson", "formats/serve/samples/*/*.bin", "tests/fuzz/corpus/wire/*")
    web = [http("/act", json.dumps(with_data(request, picture(1))).encode()) for request in requests[:3]]
    web += files("formats/serve/samples/*/*.http", "tests/fuzz/corpus/http/*")
    return stream, web


def mutated(rng, pool):
    data = bytearray(rng.choice(pool))
    if rng.random() < 0.2:
        data += rng.choice(pool)
    for _ in range(rng.randint(0, 6)):
        at = min(rng.randrange(len(data) + 1), rng.choice((40, 700, 1 << 20)))
        kind = rng.randrange(5)
        if kind == 0:
            data[at:at + rng.randint(1, 8)] = b""
        elif kind == 1:
            data[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            data[at:at + 4] = struct.pack("<I", rng.choice((0, 1, 4, 200, 70000, 1 << 20, 1 << 24, 0x7FFFFFFF)))
        elif kind == 3:
            data[at:at + 1] = bytes([rng.randrange(256)])
        else:
            data[at:] = data[at:at + rng.randrange(2000)]
    return bytes(data)


def talk(family, address, data):
    """Everything that the server says to `data`, until it closes."""
    client = socket.socket(family)
    client.settimeout(30)
    client.connect(address)
    said = b""
    try:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError, OSError):
        pass  # it has heard enough
    try:
        while more := client.recv(1 << 16):
            said += more
    except ConnectionResetError:
        pass
    client.close()
    return said


def stream_answers(said):
    """The kind of each answer; raises if one is not well formed."""
    while said:
        if said[:1] == b"{":
            text, newline, said = said.partition(b"\n")
            assert newline, "a line without its end"
        else:
            total, length = struct.unpack("<II", said[:8])
            assert 4 + length <= 4 + total <= len(said), "a frame is cut"
            text, said = said[8:8 + length], said[4 + total:]
        answer = json.loads(text)
        yield answer["error"]["code"] if answer["type"] == "error" else answer["type"]


def http_answers(said):
    while said:
        head, blank, rest = said.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        assert blank and status, head[:200]
        if status[1] == b"100":
            said = rest
            continue
        length = int(re.search(rb"(?im)^content-length: (\d+)", head)[1])
        if length and (not rest or rest.startswith(b"HTTP/1.1 ")):
            length = 0  # the answer to a HEAD
        body, said = rest[:length], rest[length:]
        assert len(body) == length, "a body is cut"
        if length and b"application/json" in head:
            assert int(status[1]) < 400 or "error" in json.loads(body), body
        yield "http " + status[1].decode()


def memory_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1000


def start(server, model, path):
    process = subprocess.Popen([server, model, "--socket", path, "--http", "0"], stderr=subprocess.PIPE, text=True)
    for text in process.stderr:
        if at := re.search(r"ready at http://([\d.]+):(\d+)", text):
            return process, (at[1], int(at[2]))
    sys.exit("the server did not start")


def main():
    server, model = sys.argv[1:3]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 600
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    stream, web = seeds()
    with tempfile.TemporaryDirectory(prefix="qt-serve-fuzz-") as scratch:
        path = f"{scratch}/socket"
        process, address = start(server, model, path)
        want = essence(Client(path).ask(act(3), picture(3)))
        counts, memory, sent = collections.Counter(), [], 0
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < seconds:
            over_http = rng.random() < 0.4
            data = mutated(rng, web if over_http else stream)
            said = talk(socket.AF_INET, address, data) if over_http else talk(socket.AF_UNIX, path, data)
            try:
                counts.update(http_answers(said) if over_http else stream_answers(said))
            except (AssertionError, ValueError, KeyError, TypeError, struct.error) as wrong:
                sys.exit(f"after {sent} inputs: {wrong!r}: {data[:300]!r} got {said[:300]!r}")
            sent += 1
            if passed >= PERIOD_S * len(memory):
                memory.append(memory_mb(process.pid))
                print(json.dumps({"time_s": round(passed), "inputs": sent, "rss_mb": memory[-1]}), flush=True)
        alive = process.poll() is None and essence(Client(path).ask(act(3), picture(3))) == want
        memory.append(memory_mb(process.pid))
        process.terminate()
        status = process.wait(20)
    early = memory[min(2, len(memory) - 1)]
    print(json.dumps({"inputs": sent, "answers": dict(sorted(counts.items())), "same_action_after": alive, "exit_status": status,
                      "rss_early_mb": early, "rss_last_mb": memory[-1]}))
    return 0 if alive and status == 0 and memory[-1] < 1.1 * early else 1


if __name__ == "__main__":
    sys.exit(main())
