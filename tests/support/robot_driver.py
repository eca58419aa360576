#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A robot driver (formats/robot/SPEC.md) without a robot, quick and well behaved or with one fault.

usage: robot_driver.py [--fault KIND] [--at REQUEST] [--nth N] [--marker FILE] [--binary] [--gripper-view]
                       [--motion-s S] [--deaf] [--no-limits] [--log FILE]

The fault strikes at the Nth request of that type; with --marker only if FILE does not exist, which is then made: the
next driver that is started behaves well. What act does takes --motion-s. --deaf reads requests between motions only. --log
appends which others with this marker run, the requests when they are read, "held in mid-motion" or "held by SIGTERM" if
that ended it, and "the end".
"""

import argparse
import json
import math
import os
import pathlib
import signal
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/drivers"))
import qt_driver
from qt_driver import Picture

SIDE_PX = 16
LIMITS = {"max_step_xy_m": 0.05, "max_speed_mps": 0.25, "x_m": [-0.08, 0.08]}


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


def write(data):
    qt_driver._protocol.write(data)
    qt_driver._protocol.flush()


class Driver(qt_driver.Driver):
    name = "test driver 1"
    rest_s = 0

    def __init__(self, options):
        super().__init__()
        self.options = options
        self.binary = options.binary
        self.limits = {} if options.no_limits else LIMITS
        self.log = open(options.log or os.devnull, "a", buffering=1)
        self.count = {}
        self.strikes = self.moves = self.acts = False
        self.here, self.stamp_ns = self.home, 0

    # --- The robot ----------------------------------------------------------------------------

    def pose(self):
        return self.here

    def width_m(self):
        return 0.085

    def move(self, goal, at_least_s):
        self.moves = True
        if self.options.motion_s and self.acts:
            (time.sleep if self.options.deaf else self.wait)(self.options.motion_s)
        self.moves = False
        if self.faulty("intervene") or self.faulty("carry_away"):
            self.intervention = True
            far_m = math.copysign(0.13, -self.here.y_m)  # more than a step, and not yet far outside
            y_m = far_m if self.faulty("carry_away") else -0.03
            goal = self.here._replace(height_m=self.here.height_m - 0.02, x_m=0.01, y_m=y_m)
        self.here = goal

    def set_fingers(self, is_open):
        self.move(self.here, 0)

    def hold(self):
        if self.why == "SIGTERM":
            self.log.write("held by SIGTERM\n")
        elif self.moves:
            self.log.write("held in mid-motion\n")

    def close(self):
        self.log.write("the end\n")

    def new_bin(self, seed):
        pass

    def picture(self, side_px):
        self.stamp_ns += 0 if self.faulty("same_stamp") else 1000000
        return Picture(self.stamp_ns, side_px, side_px, bytes((self.stamp_ns // 1000 + i) % 251 for i in range(3 * side_px**2)))

    def look(self):
        return self.picture(SIDE_PX)

    def look_at_fingers(self):
        return self.picture(2 * SIDE_PX)

    def _fills_in(self, method):
        return self.options.gripper_view if method == "look_at_fingers" else super()._fills_in(method)

    # --- What it does wrong -------------------------------------------------------------------

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
            os._exit(3)
        elif fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault == "garbage":
            write(b"\x00\xff}{ garbage\n" * 50)
        elif fault == "chatter":
            write(b"VendorSDK 3.1: welcome\n")
            return False
        elif fault == "oversize":
            write(struct.pack("<II", 0xFFFFFFF0, 0xFFFF0000))
        elif fault == "long_line":
            write(b"x" * (24 << 20))
        elif fault == "half_frame":
            write(struct.pack("<II", 400, 300) + b'{"type"')
            os._exit(0)
        elif fault == "late":
            time.sleep(2)
            return False
        elif fault == "noise":
            for _ in range(20000):
                print("noise on standard error, as drivers make", file=sys.stderr)
            return False
        elif fault == "slow":
            self.wait(1.6)
            return False
        elif fault == "heartbeats":
            while True:
                self.send({"type": "heartbeat"})
                time.sleep(0.02)
        elif fault == "failed":
            raise RuntimeError("a hand in the bin")
        elif fault == "discard":
            raise qt_driver.Discard("a hand in the bin")
        elif fault == "wrong_type":
            self.send({"type": "done" if request["type"] == "observe" else "heartbeat", "id": request["id"]})
            if request["type"] != "observe":
                self.send({"type": "observation", "id": request["id"]})
        else:
            return False
        return True

    def spoil(self, message, picture):
        """What is sent instead."""
        if message["type"] == "hello" and self.faulty("protocol"):
            message["protocol"] = 2
        if message["type"] == "done":
            message["id"] += 7 if self.faulty("wrong_id") else 0
            message.setdefault("gripper", self.gripper())["x_m"] += 0.5 if self.faulty("far") else 0
        if message["type"] == "observation" and self.faulty("camera_size"):
            message["camera"] = {"width_px": 8, "height_px": 8, "fx_px": 8, "fy_px": 8, "cx_px": 4, "cy_px": 4,
                                 "p_WC_m": [0, 0, 1], "q_WC_wxyz": [0, 1, 0, 0]}
        if picture is not None and self.faulty("small_picture"):
            picture.data = picture.data[:-3]
        if picture is not None and self.faulty("other_size"):
            picture.width_px = picture.height_px = SIDE_PX // 2
            picture.data = picture.data[:3 * (SIDE_PX // 2) ** 2]
        if picture is not None and self.faulty("broken_jpeg"):
            picture.encoding = "jpeg"

    def send(self, message, picture=None):
        self.spoil(message, picture)
        if self.faulty("nan") and message["type"] == "done":
            write(json.dumps(message | {"gripper": self.gripper() | {"x_m": math.nan}}).encode() + b"\n")
        elif self.faulty("half_drop_test") and message.get("name") == self.last_evidence():
            pass
        elif self.faulty("no_after_drop") and "after" in message.get("name", ""):
            pass
        else:
            super().send(message, picture)

    def last_evidence(self):
        return "gripper_after" if self.options.gripper_view else "after_drop"

    # --- The protocol -------------------------------------------------------------------------

    def listen(self):
        if not self.options.deaf:
            super().listen()

    def next_line(self):
        if not self.options.deaf:
            return super().next_line()
        line = self.input.readline()
        self.log.write(line)
        return line if line and json.loads(line)["type"] != "stop" else None

    def _read(self):
        self.input = map(self.note, self.input)
        super()._read()

    def note(self, line):
        self.log.write(line)
        return line

    def answer(self, line):
        request = json.loads(line)
        self.decide(request["type"])
        if request["type"] == "reset":
            self.stamp_ns = int(request["stamp_ns"])
        super().answer(line)

    def _handlers(self):
        return {kind: lambda request, handler=handler: self.handle(request, handler) for kind, handler in super()._handlers().items()}

    def handle(self, request, handler):
        self.acts = request["type"] == "act"
        if self.acts and "target" in request and not self.options.no_limits:
            target = request["target"]
            way = math.dist([target[k] for k in ("x_m", "y_m", "height_m")], self.here[:3])
            if not (abs(request["action"][0]) <= 0.0500001 and abs(target["x_m"]) <= 0.08 and request["min_duration_s"] >= way / 0.2501):
                print("an action outside of the limits", file=sys.stderr)
                os._exit(4)
        if not (self.strikes and self.misbehave(request)):
            handler(request)


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
    driver = Driver(parser.parse_args())
    beside = others(driver.options.marker) if driver.options.marker else []
    driver.log.write(" ".join(["begins beside", *beside]) + "\n")
    qt_driver.main(driver)


if __name__ == "__main__":
    main()
