#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Drivers of robots that hang, die or answer nonsense: the episode in hand is dropped, the driver is started anew, and
the file holds what was asked for, whole.

usage: robot_drivers.py BIN_DIR ROBOT_DRIVER_PY
"""

import concurrent.futures
import json
import os
import pathlib
import pty
import shlex
import signal
import subprocess
import sys
import tempfile
import time

BIN, DRIVER = pathlib.Path(sys.argv[1]), sys.argv[2]
EPISODES = 4
REQUESTS = ["new_bin", "reset", "observe", "act", "drop_test"]

failures = []


def check(case, holds, what):
    if not holds:
        failures.append(f"{case}: {what}")


def command(folder, driver, *flags):
    return [BIN / "qt-collect", "-n", str(EPISODES), "--seed", "1", "--policy", "random", "--max-steps", "4", "--swap-every",
            "2", "--robot", "exec:python3 " + DRIVER + " " + driver, "--robot-backoff", "0.02",
            "--json", "-o", folder / "out.mcap", *flags]


def episodes_of(path):
    """What can be read; the file must be whole."""
    dump = subprocess.run([BIN / "qt-data", "dump", path], capture_output=True, text=True)
    return [json.loads(line) for line in dump.stdout.splitlines()] if dump.returncode == 0 else None


def run(case, driver, *flags):
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    driver = driver.replace("MARKER", shlex.quote(str(folder / "marker")))
    done = subprocess.run(command(folder, driver, *flags), capture_output=True, text=True, timeout=100)
    summary = json.loads(done.stdout) if done.stdout else {}
    return folder, done, summary


def recovers(case, driver, counter="robot_failures", says="", flags=()):
    """One fault, then all is well."""
    folder, done, summary = run(case, driver + " --marker MARKER", *flags)
    check(case, done.returncode == 0, f"exit status {done.returncode}: {done.stderr}")
    check(case, summary.get(counter) == 1, f"{counter} is {summary.get(counter)}: {done.stderr}")
    check(case, says in done.stderr, f"'{says}' is not in: {done.stderr}")
    episodes = episodes_of(folder / "out.mcap")
    check(case, episodes is not None and [e["index"] for e in episodes] == list(range(EPISODES)), "the file is not whole")


def is_fine(case, driver, *flags):
    folder, done, summary = run(case, driver, *flags)
    check(case, done.returncode == 0 and summary["robot_failures"] == 0, done.stderr[-500:])
    episodes = episodes_of(folder / "out.mcap") or []
    check(case, len(episodes) == EPISODES, "the file is not whole")
    steps = [step["action"] for episode in episodes for step in episode["steps"]]
    check(case, steps and max(abs(action["dx_m"]) for action in steps) == 0.05, "the clipped action is not recorded")


def is_taken_over(case, driver):
    """A person's motion is recorded, in place of what the policy wanted, as a person's."""
    folder, done, _ = run(case, driver)
    check(case, done.returncode == 0, done.stderr[-500:])
    steps = [step for episode in episodes_of(folder / "out.mcap") or [] for step in episode["steps"]]
    by_people = [step for step in steps if step["source"] == "human"]
    check(case, len(by_people) == 1, f"{len(by_people)} steps of a person")
    for step in by_people:
        action, gripper = step["action"], step["gripper"]
        check(case, abs(action["dy_m"] - (-0.03 - gripper["y_m"])) < 1e-6, f"{action} from {gripper}")
        check(case, step["q_value"] is None and not action["open"] and not action["close"], f"{step}")
    chosen = subprocess.run([BIN / "qt-data", "info", "--json", "--where", "interventions>0", folder / "out.mcap"],
                            capture_output=True, text=True)
    check(case, json.loads(chosen.stdout)["episodes"] == 1, chosen.stdout)


def is_discarded_by_hand(case, driver):
    """d and Enter at the terminal: the episode in hand is dropped, counted, and collected again."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    log = folder / "log"
    master, terminal = pty.openpty()
    process = subprocess.Popen(command(folder, driver + " --log " + shlex.quote(str(log))), stdin=terminal,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (log.exists() and log.read_text().count('"act"') >= 2):
        time.sleep(0.02)
    os.write(master, b"x\nd\n")
    stdout, stderr = process.communicate(timeout=60)
    summary = json.loads(stdout or "{}")
    check(case, process.returncode == 0, f"exit status {process.returncode}: {stderr}")
    check(case, summary.get("discarded_bins") == 1 and summary.get("robot_failures") == 0, f"{stdout}")
    check(case, "d and Enter" in stderr, stderr)
    check(case, len(episodes_of(folder / "out.mcap") or []) == EPISODES, "the file is not whole")
    for end in (master, terminal):
        os.close(end)


def gives_up(case, driver, kept, says, *flags):
    """The fault lasts: status 1, one sentence, and what was complete is there."""
    folder, done, summary = run(case, driver, *flags)
    check(case, done.returncode == 1, f"exit status {done.returncode}")
    check(case, says in done.stderr.rstrip().rpartition("\n")[2], f"'{says}' is not in: {done.stderr}")
    episodes = episodes_of(folder / "out.mcap") if (folder / "out.mcap").exists() else []
    check(case, len(episodes) == kept, f"{len(episodes)} episodes")
    return done


def stops(case, driver, ready, *flags):
    """SIGTERM ends it soon, with status 130."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    log = folder / "log"
    process = subprocess.Popen(command(folder, driver + " --log " + shlex.quote(str(log)), *flags),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (log.exists() and ready in log.read_text()):
        time.sleep(0.02)
    time.sleep(0.3)
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    check(case, process.returncode == 130, f"exit status {process.returncode}: {stderr}")
    check(case, time.monotonic() - start < 5, f"took {time.monotonic() - start} s")
    check(case, not (folder / "out.mcap").exists() or episodes_of(folder / "out.mcap") is not None, "the file is not whole")


def arguments(path):
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:  # it has ended meanwhile
        return ""


def running(marker):
    """Processes that have it in one of their arguments."""
    return [path.parent.name for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if marker in arguments(path)]


def has_one_master(case, driver, *flags):
    """Nothing of a driver that has failed runs when its successor starts, nor when the run is over."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    marker, log = str(folder / "marker"), folder / "log"
    driver += f" --marker {shlex.quote(marker)} --log {shlex.quote(str(log))}"
    done = subprocess.run(command(folder, driver, *flags), capture_output=True, text=True, timeout=100)
    check(case, done.returncode == 0, f"exit status {done.returncode}: {done.stderr}")
    starts = [line for line in log.read_text().splitlines() if line.startswith("begins beside")]
    check(case, starts == ["begins beside"] * 2, f"drivers started: {starts}")
    check(case, not running(marker), f"still running: {running(marker)}")


def is_alone(case, driver):
    """One robot, however many episodes, bins and processor cores there are."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    log = folder / "log"
    done = subprocess.run(command(folder, driver + " --log " + shlex.quote(str(log)), "-n", "12"), capture_output=True, text=True)
    check(case, done.returncode == 0, f"exit status {done.returncode}: {done.stderr}")
    check(case, log.read_text().count("begins beside") == 1, "several drivers were started")
    check(case, json.loads(done.stdout)["num_envs"] == 1, "the summary says otherwise")


def holds(case, driver, how, number):
    """A signal while the robot moves: it holds where it is, at once, and nothing goes on."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    log, marker = folder / "log", str(folder / "marker")
    driver += f" --motion-s 60 --log {shlex.quote(str(log))} --marker {shlex.quote(marker)}"
    process = subprocess.Popen(command(folder, driver), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (log.exists() and '"act"' in log.read_text()):
        time.sleep(0.02)
    time.sleep(0.2)
    start = time.monotonic()
    process.send_signal(number)
    while time.monotonic() < deadline and how not in log.read_text():
        time.sleep(0.005)
    seconds = time.monotonic() - start
    _, stderr = process.communicate(timeout=60)
    check(case, how in log.read_text(), f"the driver was not told: {log.read_text()[-300:]}")
    check(case, seconds < 2, f"told after {seconds} s")
    check(case, process.returncode == 130, f"exit status {process.returncode}: {stderr}")
    check(case, not running(marker), f"still running: {running(marker)}")


def sees_the_end(case):
    """When qt-collect is killed, the driver sees the end of its input and can stop the robot."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    log = folder / "log"
    process = subprocess.Popen(command(folder, "--log " + shlex.quote(str(log)), "-n", "1000000"),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (log.exists() and "observe" in log.read_text()):
        time.sleep(0.02)
    process.kill()
    process.wait()
    while time.monotonic() < deadline and "the end" not in log.read_text():
        time.sleep(0.02)
    check(case, "the end" in log.read_text(), "the driver did not end in order")


def cases():
    for at in REQUESTS:
        where = f" --at {at} --nth 2"
        yield recovers, f"hang at {at}", "--fault hang" + where, "robot_failures", f"'{at}' within 2 s", ("--robot-timeout", "2")
        yield recovers, f"die at {at}", "--fault die" + where, "robot_failures", "ended with exit status 3 while '" + at
        yield recovers, f"kill at {at}", "--fault kill" + where, "robot_failures", "exit status 137"  # the shell's way to say it
        yield recovers, f"garbage at {at}", "--fault garbage" + where, "robot_failures", "does not follow the protocol"
        yield recovers, f"error at {at}", "--fault failed" + where, "robot_failures", "a hand in the bin"
        yield recovers, f"discard at {at}", "--fault discard" + where, "discarded_bins"
    for fault, at, says in [
            ("ignore_sigterm", "act", "did not answer"), ("late", "observe", "did not answer"),
            ("heartbeats", "reset", "did not answer")]:
        yield recovers, fault, f"--fault {fault} --at {at}", "robot_failures", says, ("--robot-timeout", "0.8")
    for fault, at, says in [
            ("long_line", "act", "too long"), ("carry_away", "act", "more than one action"),
            ("chatter", "act", 'it wrote "VendorSDK 3.1: welcome'), ("small_picture", "observe", "3 * width_px"),
            ("other_size", "observe", "different sizes"), ("broken_jpeg", "observe", "cannot be decoded"),
            ("camera_size", "observe", "camera whose size"), ("nan", "act", "not valid JSON"), ("far", "act", "far outside"),
            ("wrong_id", "act", "not made"), ("same_stamp", "observe", "do not increase"),
            ("wrong_type", "observe", "wrong kind"), ("wrong_type", "act", "is missing"),
            ("other_size", "drop_test", "different sizes"), ("half_drop_test", "drop_test", "half a drop test"),
            ("half_drop_test", "drop_test --gripper-view", "half a drop test"),
            ("no_after_drop", "drop_test --gripper-view", "half a drop test"), ("far", "act --no-limits", "far outside")]:
        yield recovers, f"{fault} at {at}", f"--fault {fault} --at {at} --nth 2", "robot_failures", says
    for fault, says in [("oversize", "too long"), ("half_frame", "within a frame")]:
        yield recovers, fault, f"--binary --fault {fault} --at act", "robot_failures", says
    yield is_fine, "well behaved", ""
    yield is_fine, "binary", "--binary"
    yield is_fine, "with a camera on the gripper, of another size", "--gripper-view"
    yield is_fine, "noise", "--fault noise --at act"
    yield is_taken_over, "a person takes over", "--fault intervene --at act --nth 2"
    yield is_discarded_by_hand, "discarded at the terminal", "--motion-s 0.3"
    yield is_fine, "slow, with heartbeats", "--fault slow --at act", "--robot-timeout", "1"
    yield (gives_up, "no second try", "--fault die --at drop_test --nth 3", 2, "failed 1 times in a row",
           "--robot-retries", "0")
    yield gives_up, "lasts", "--fault die --at reset", 0, "failed 3 times in a row", "--robot-retries", "2"
    yield gives_up, "no such command", "--no-such-flag", 0, "unrecognized arguments"
    yield gives_up, "other protocol", "--fault protocol --at hello", 0, "speaks protocol 2, not 1"
    yield gives_up, "silent from the start", "--fault hang --at hello", 0, "'hello' within 2 s", "--robot-timeout", "0.2"
    yield stops, "stopped while it hangs", "--fault hang --at act", '"act"'
    yield stops, "stopped in a pause", "--fault die --at act", '"act"', "--robot-backoff", "60"
    yield sees_the_end, "qt-collect killed"
    for fault in ["ignore_sigterm", "hang_heartbeats", "leave_a_child"]:
        yield has_one_master, f"one master: {fault}", f"--fault {fault} --at act", "--robot-timeout", "0.5"
    yield is_alone, "one driver", ""
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        yield holds, f"{number.name} in mid-motion", "", "held in mid-motion", number
        yield holds, f"{number.name} in mid-motion of a deaf driver", "--deaf", "held by SIGTERM", number


with tempfile.TemporaryDirectory() as work:
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for future in [pool.submit(case[0], *case[1:]) for case in cases()]:
            future.result()

print("\n".join(failures))
sys.exit(1 if failures else 0)
