#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The self-improving pair: qt-collect --follow beside qt-train --follow, with qt-label --follow between two spools.

usage: self_improving_pair.py BIN LABELLED.mcap

The trainer starts from a few scripted grasps; the collector waits for its policy. It is over when the training data hold
episodes of two policies that the trainer has published, the second one later than the first.
"""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 90


def lines(path):
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


def collected_policies(qt_data, spool):
    """Digests of the policies that collected the episodes of the spool, in the order of their files."""
    digests = []
    for path in sorted(spool.glob("episodes-*.mcap"), key=lambda p: p.stat().st_mtime_ns):
        dump = subprocess.run([qt_data, "dump", "-q", path], check=True, capture_output=True, text=True).stdout
        digests += [json.loads(line)["policy_digest"] for line in dump.splitlines()]
    return digests


def wait_until(what, condition, processes):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_S} s"
        for process in processes:
            assert process.poll() is None, f"{process.args[0]} ended with {process.returncode}"
        time.sleep(0.1)


def run(binaries, labelled, work):
    raw, spool, run_folder = work / "raw", work / "spool", work / "run"
    raw.mkdir()
    spool.mkdir()
    shutil.copy(labelled, spool / "a-scripted.mcap")
    policy = run_folder / "policy.safetensors"
    processes = []

    def start(tool, *arguments):
        processes.append(subprocess.Popen([binaries / tool, "-q", *map(str, arguments)], stdin=subprocess.DEVNULL))

    try:
        start("qt-collect", "--policy", policy, "--follow", "--epsilon", 0.2, "--max-steps", 3, "--num-envs", 1,
              "--episodes-per-file", 1, "-o", f"{raw}/")
        start("qt-label", "--follow", raw, "-o", f"{spool}/")
        start("qt-train", spool, "--follow", "-o", run_folder, "--steps", 1000000, "--tower-channels", 4, "--batch-size", 4,
              "--train-buffer-size", 64, "--target-cem", "8/2/1", "--act-cem", "8/2/1", "--publish-policy-seconds", 1,
              "--updaters", 1, "--log-steps", 10)
        seen = []

        def two_policies():
            seen[:] = collected_policies(binaries / "qt-data", spool)
            return len(set(seen)) >= 2

        wait_until("two policies among the collected episodes", two_policies, processes)
        wait_until("online data in the metrics",
                   lambda: any(line["online_episodes"] >= 2 for line in lines(run_folder / "metrics.jsonl")), processes)
        ended = []
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            ended.append(process.wait(timeout=30))
        assert ended == [130, 130, 130], ended
    finally:
        for process in processes:
            process.kill()
    published = {line["digest"]: line["step"] for line in lines(run_folder / "policies.jsonl")}
    steps = [published[digest] for digest in seen]
    assert steps == sorted(steps) and steps[-1] > steps[0], f"the policies' steps are {steps}"
    shares = [line["online_share"] for line in lines(run_folder / "metrics.jsonl")]
    assert shares[0] == 0 and 0.009 < max(shares) <= 0.5, (shares[0], max(shares))
    print(f"{len(seen)} episodes by the policies of steps {sorted(set(steps))}")

    # On another day: what its own policies collected counts as such.
    again = subprocess.run([binaries / "qt-train", "-q", spool, "--follow", "--resume", "-o", run_folder, "--steps", "1",
                            "--tower-channels", "4", "--batch-size", "4", "--train-buffer-size", "64", "--json"],
                           stdin=subprocess.DEVNULL, check=True, capture_output=True, text=True).stdout
    assert json.loads(again)["episodes_online"] >= len(seen), again


def main():
    binaries, labelled = pathlib.Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="qt-pair-") as scratch:
        run(binaries, labelled, pathlib.Path(scratch))


if __name__ == "__main__":
    main()
