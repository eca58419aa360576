#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A robot driver (formats/robot/SPEC.md) without a robot, well behaved or with one fault.

usage: robot_driver.py [--fault KIND] [--at REQUEST] [--nth N] [--marker FILE] [--binary] [--gripper-view]
                       [--motion-s S] [--deaf] [--no-limits] [--log FILE]

The fault strikes at the Nth request of that type; with --marker only if FILE does not exist, which is then made: the
next driver that is started behaves well. A motion takes --motion-s. Requests are read in a thread of their own, so that
a stop is heard in mid-motion; --deaf reads them between motions only. --log appends which others with this marker run,
the requests when they are read, "held in mid-motion" or "held by SIGTERM" if that ended it, and "the end".
"""

import argparse
import base64
import json
import math
import os
import queue
import signal
import struct
import sys
import threading
import time

SIDE_PX = 16
LIMITS = {"max_step_xy_m": 0.05, "max_speed_mps": 0.25, "x_m": [-0.08, 0.08]}


class Stop(Exception):
    """The client says stop, or is gone."""


class Terminated(SystemExit):
    """By SIGTERM."""


def terminate(*_):
    raise Terminated(0)


def others(marker):
    """Processes that have the same marker among their arguments; not the shell that has started this one."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                if marker.encode() in file.read().split(b"\0") and int(process) not in (os.getpid(), os.getppid()):
                    found.append(process)
        except OSError:  # it has ended meanwhile
            pass
    return found


class Requests:
    """Lines of standard input, read in a thread of its own unless deaf."""

    def __init__(self, log, deaf):
        self.log, self.deaf = log, deaf
        self.stopped = threading.Event()
        # A file object of its own: at the end the interpreter closes sys.stdin, which a thread may be waiting for.
        self.input = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
        self.lines = queue.SimpleQueue()
        if not deaf:
            threading.Thread(target=self.read, daemon=True).start()

    def note(self, line):
        self.log.write(line)
        return json.loads(line)

    def read(self):
        for line in self.input:
            request = self.note(line)
            if request["type"] == "stop":
                break
            self.lines.put(request)
        self.stopped.set()
        self.lines.put(None)

    def next(self):
        """The next request; None at the end."""
        if not self.deaf:
            return self.lines.get()
        line = self.input.readline()
        request = self.note(line) if line else {"type": "stop"}
        return None if request["type"] == "stop" else request


class Driver:
    def __init__(self, options):
        self.options = options
        self.log = open(options.log or os.devnull, "a", buffering=1)
        self.requests = Requests(self.log, options.deaf)
        self.count = {}
        self.gripper = {}
        self.stamp_ns = 0
        self.reset()

    def reset(self):
        self.gripper = {"opening": 1, "height_m": 0.18, "x_m": 0, "y_m": 0, "yaw_rad": 0, "measured_opening_m": 0.085}

    def send(self, message, picture=None, side_px=SIDE_PX):
        if picture is not None:
            message["image"] = {"encoding": "rgb8", "width_px": side_px, "height_px": side_px}
            if self.faulty("small_picture"):
                picture = picture[:-3]
            if self.faulty("other_size"):
                message["image"].update(width_px=SIDE_PX // 2, height_px=SIDE_PX // 2)
                picture = picture[:3 * (SIDE_PX // 2) ** 2]
            if self.faulty("broken_jpeg"):
                message["image"]["encoding"] = "jpeg"
        if self.options.binary:
            if picture is not None:
                message["image"]["bytes"] = len(picture)
            text = json.dumps(message).encode()
            if (4 + len(text) + len(picture or b"")) & 0xFF == 0x7B:
                text += b" "
            sys.stdout.buffer.write(struct.pack("<II", 4 + len(text) + len(picture or b""), len(text)) + text)
            sys.stdout.buffer.write(picture or b"")
        else:
            if picture is not None:
                message["image"]["data"] = base64.b64encode(picture).decode()
            sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
        sys.stdout.buffer.flush()

    def faulty(self, kind):
        return self.strikes and self.options.fault == kind

    def decide(self, kind):
        """Whether the fault strikes at this request."""
        self.count[kind] = self.count.get(kind, 0) + 1
        options = self.options
        self.strikes = kind == options.at and self.count[kind] == options.nth
        if self.strikes and options.marker:
            self.strikes = not os.path.exists(options.marker)
            open(options.marker, "w").close()

    def misbehave(self, request):
        """Faults that do not need the answer. True if there is to be none."""
        fault = self.options.fault
        if fault == "hang":
            time.sleep(1000)
        elif fault == "ignore_sigterm":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(1000)
        elif fault == "hang_heartbeats":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                try:
                    self.send({"type": "heartbeat"})
                except BrokenPipeError:
                    pass
                time.sleep(0.1)
        elif fault == "leave_a_child":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if os.fork() == 0:  # moves the arm on, and neither reads nor writes
                time.sleep(1000)
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault == "die":
            print("the arm is on fire", file=sys.stderr)
            sys.exit(3)
        elif fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault == "garbage":
            sys.stdout.buffer.write(b"\x00\xff}{ garbage\n" * 50)
        elif fault == "oversize":
            sys.stdout.buffer.write(struct.pack("<II", 0xFFFFFFF0, 0xFFFF0000))
        elif fault == "long_line":
            sys.stdout.buffer.write(b"x" * (24 << 20))
        elif fault == "half_frame":
            sys.stdout.buffer.write(struct.pack("<II", 400, 300) + b'{"type"')
            sys.stdout.buffer.flush()
            sys.exit(0)
        elif fault == "late":
            time.sleep(2)
            return False
        elif fault == "noise":
            for _ in range(20000):
                print("noise on standard error, as drivers make", file=sys.stderr)
            return False
        elif fault == "slow":
            for _ in range(8):
                self.send({"type": "heartbeat"})
                time.sleep(0.2)
            return False
        elif fault == "heartbeats":
            while True:
                self.send({"type": "heartbeat"})
                time.sleep(0.02)
        elif fault in ("failed", "discard"):
            self.send({"type": "error", "id": request["id"], "error": {"code": fault, "message": "a hand in the bin"}})
        elif fault == "wrong_type":
            self.send({"type": "done" if request["type"] == "observe" else "heartbeat", "id": request["id"]})
            if request["type"] != "observe":
                self.send({"type": "observation", "id": request["id"]})
        else:
            return False
        sys.stdout.buffer.flush()
        return True

    def hello(self, _):
        self.send({"type": "hello", "protocol": 2 if self.faulty("protocol") else 1, "driver": "test driver 1",
                   "capabilities": {"new_bin": True, "drop_test": True, "gripper_view": self.options.gripper_view},
                   "limits": {} if self.options.no_limits else LIMITS})

    def done(self, request):
        gripper = dict(self.gripper)
        if self.faulty("nan"):
            gripper["x_m"] = math.nan
        if self.faulty("far"):
            gripper["x_m"] = 0.5
        identifier = request["id"] + (7 if self.faulty("wrong_id") else 0)
        self.send({"type": "done", "id": identifier, "gripper": gripper})

    def new_bin(self, request):
        self.done(request)

    def on_reset(self, request):
        self.reset()
        self.stamp_ns = int(request["stamp_ns"])
        self.done(request)

    def picture(self, side_px=SIDE_PX):
        return bytes((self.stamp_ns // 1000 + i) % 251 for i in range(3 * side_px * side_px))

    def observe(self, request):
        self.stamp_ns += 0 if self.faulty("same_stamp") else 1000000
        message = {"type": "observation", "id": request["id"], "stamp_ns": str(self.stamp_ns), "gripper": self.gripper}
        if self.faulty("camera_size"):
            message["camera"] = {"width_px": 8, "height_px": 8, "fx_px": 8, "fy_px": 8, "cx_px": 4, "cy_px": 4,
                                 "p_WC_m": [0, 0, 1], "q_WC_wxyz": [0, 1, 0, 0]}
        self.send(message, self.picture())

    def move(self):
        """Waits for the motion to end, or for what ends it."""
        if self.options.motion_s and self.requests.stopped.wait(self.options.motion_s):
            raise Stop

    def act(self, request):
        action = request["action"]
        self.move()
        if action[5] or action[6]:
            self.gripper["opening"] = action[5]
        else:
            target = request["target"]
            way = math.dist([target[k] for k in ("x_m", "y_m", "height_m")],
                            [self.gripper[k] for k in ("x_m", "y_m", "height_m")])
            ok = abs(action[0]) <= 0.0500001 and abs(target["x_m"]) <= 0.08 and request["min_duration_s"] >= way / 0.2501
            if not ok and not self.options.no_limits:
                print("an action outside of the limits", file=sys.stderr)
                sys.exit(4)
            self.gripper.update(target)
        self.done(request)

    def drop_test(self, request):
        names = ["before_drop", "after_drop"]
        if self.options.gripper_view:
            names = ["before_drop", "gripper_before", "after_drop", "gripper_after"]
        if self.faulty("half_drop_test"):
            names = names[:-1]
        if self.faulty("no_after_drop"):
            names = names[:2]
        for name in names:
            self.stamp_ns += 1000000
            side_px = 2 * SIDE_PX if name.startswith("gripper") else SIDE_PX
            self.send({"type": "evidence", "id": request["id"], "name": name, "stamp_ns": self.stamp_ns},
                      self.picture(side_px), side_px)
        self.send({"type": "done", "id": request["id"]})

    def serve(self):
        beside = others(self.options.marker) if self.options.marker else []
        self.log.write(" ".join(["begins beside", *beside]) + "\n")
        try:
            self.answer()
        except Stop:
            self.log.write("held in mid-motion\n")
        except Terminated:
            self.log.write("held by SIGTERM\n")
        except BrokenPipeError:  # the client has gone while we answered
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        self.log.write("the end\n")

    def answer(self):
        while (request := self.requests.next()) is not None:
            kind = request["type"]
            self.decide(kind)
            if self.strikes and self.misbehave(request):
                continue
            getattr(self, "on_reset" if kind == "reset" else kind)(request)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", default="")
    parser.add_argument("--at", default="")
    parser.add_argument("--nth", type=int, default=1)
    parser.add_argument("--marker", default="")
    parser.add_argument("--log", default="")
    parser.add_argument("--binary", action="store_true")
    parser.add_argument("--gripper-view", action="store_true")
    parser.add_argument("--motion-s", type=float, default=0)
    parser.add_argument("--deaf", action="store_true")
    parser.add_argument("--no-limits", action="store_true")
    signal.signal(signal.SIGTERM, terminate)  # so that what comes after a motion is done
    Driver(parser.parse_args()).serve()


if __name__ == "__main__":
    main()
