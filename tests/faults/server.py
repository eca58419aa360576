#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A policy server where memory, threads or patience are short, and where two want one socket.

usage: server.py BIN_DIR MODEL
"""

import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

BIN, MODEL = pathlib.Path(sys.argv[1]), sys.argv[2]
HELLO = b'{"type":"hello","protocol":1}\n'

failures = []


def check(case, holds, what):
    if not holds:
        failures.append(f"{case}: {what}")


def serve(folder, *flags, **how):
    return subprocess.Popen([BIN / "qt-serve", MODEL, "--cem", "8/2/1", *flags], cwd=folder, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(30)
    client.connect(str(path))
    return client


def await_socket(path, process):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None and not path.exists():
        time.sleep(0.02)
    return path.exists()


def says_hello(path):
    client = connect(path)
    client.sendall(HELLO)
    return json.loads(client.makefile().readline())["type"] == "hello"


def memory_of(pid):
    """Its address space in bytes."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")


def end(case, process, number=signal.SIGTERM):
    process.send_signal(number)
    try:
        _, stderr = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        _, stderr = process.communicate()
        check(case, False, "it does not end")
    check(case, process.returncode == 0, f"exit status {process.returncode}: {stderr.decode()}")


def no_memory_for_some(folder):
    """Allocations that fail while clients are read: they end, the server and its other clients do not."""
    case, path = "out of memory", folder / "s"
    server = serve(folder, "--socket", "s")
    if not await_socket(path, server):
        return check(case, False, server.communicate()[1].decode())
    good = connect(path)
    clients = [connect(path) for _ in range(60)]
    for client in [good, *clients]:
        client.sendall(HELLO)
        client.makefile().readline()
    limit = memory_of(server.pid) + (12 << 20)
    resource.prlimit(server.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    for client in clients:
        try:
            client.sendall(b'{"type":"' + b"x" * (1 << 20))
        except OSError:  # it is one of those that could not be read
            pass
    time.sleep(1)
    resource.prlimit(server.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    check(case, server.poll() is None, f"the server has ended with {server.returncode}")
    if server.poll() is None:
        good.sendall(HELLO)
        check(case, b"hello" in good.recv(100), "a client that did nothing wrong is lost")
        check(case, says_hello(path), "nobody new is served")
    end(case, server)


def one_at_a_socket(folder):
    """Of several that start at once one serves; the others say so before they have loaded anything."""
    case, path = "one socket", folder / "one"
    servers = [serve(folder, "--socket", "one") for _ in range(4)]
    if not await_socket(path, max(servers, key=lambda each: each.poll() is None)):
        check(case, False, "nobody serves")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and sum(each.poll() is not None for each in servers) < 3:
        time.sleep(0.05)
    left = [each for each in servers if each.poll() is None]
    check(case, [each.returncode for each in servers if each not in left] == [75] * 3,
          f"they ended with {[each.returncode for each in servers]}")
    check(case, len(left) == 1 and says_hello(path), "the one that is left does not serve")
    for each in left:
        end(case, each)
    check(case, not list(folder.glob("one*")), f"left behind: {list(folder.glob('one*'))}")


def late_second(folder):
    """A second one is told at once, whatever it would have had to load."""
    case = "second server"
    server = serve(folder, "--socket", "two")
    await_socket(folder / "two", server)
    done = subprocess.run([BIN / "qt-serve", "no-such-model.safetensors", "--socket", "two"], cwd=folder, capture_output=True)
    check(case, done.returncode == 75 and b"another server" in done.stderr, done.stderr.decode())
    end(case, server)


def hang_up(folder):
    """SIGHUP ends it as SIGTERM does: in order, the socket's file is gone."""
    server = serve(folder, "--socket", "hup")
    await_socket(folder / "hup", server)
    end("SIGHUP", server, signal.SIGHUP)
    check("SIGHUP", not list(folder.glob("hup*")), "its files are left")


def limited(case, set_limits, *flags):
    """Too little of something: a sentence and an end, soon; not a wait for ever, which SIGTERM would not end either."""
    start = time.monotonic()
    server = serve(None, "--stdio", *flags, preexec_fn=set_limits)
    try:
        _, stderr = server.communicate(timeout=60)
        check(case, server.returncode in (0, 1), f"exit status {server.returncode}: {stderr.decode()}")
        check(case, server.returncode == 0 or stderr, "it says nothing")
    except subprocess.TimeoutExpired:
        check(case, False, f"still there after {time.monotonic() - start:.0f} s")
        server.kill()
        server.communicate()


def little_memory():
    resource.setrlimit(resource.RLIMIT_AS, (600_000 << 10, 600_000 << 10))


with tempfile.TemporaryDirectory() as work:
    for case in (no_memory_for_some, one_at_a_socket, late_second, hang_up):
        case(pathlib.Path(work))
limited("little memory", little_memory)

print("\n".join(failures))
sys.exit(1 if failures else 0)
