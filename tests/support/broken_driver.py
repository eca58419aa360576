#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A robot driver that breaks one rule of formats/robot/SPEC.md; RULES says which one a fault breaks.

usage: broken_driver.py FAULT
"""

import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/drivers"))
import qt_driver
from no_robot import NoRobot
from qt_driver import Picture, Pose

RULES = {
    "greets": "messages", "chats": "messages", "answers_twice": "answers", "says_far": "poses", "changes_size": "pictures",
    "stopped_clock": "stamps", "old_protocol": "hello", "elsewhere": "limits", "wrong_home": "home", "blind": "observe",
    "answers_early": "rest", "mirrored": "motion", "by_action": "edge", "hurries": "speed", "no_fingers": "fingers",
    "silent": "heartbeats", "no_objects": "new_bin", "half_test": "drop_test", "fragile": "nonsense", "strict": "keys",
    "deaf": "stop", "ignores_sigterm": "sigterm", "ignores_end": "end_of_input",
}


def write(data):
    qt_driver._protocol.write(data)
    qt_driver._protocol.flush()


class Broken(NoRobot):
    def __init__(self, fault):
        super().__init__()
        self.fault = fault
        self.looks = 0
        if fault == "wrong_home":
            self.home = self.home._replace(y_m=0.08)
        if fault == "elsewhere":
            self.limits = {"x_m": [0.2, 0.3]}

    def is_(self, fault):
        return self.fault == fault

    def move(self, goal, at_least_s):
        if self.is_("mirrored"):
            goal = goal._replace(y_m=-goal.y_m)
        if self.is_("hurries"):
            self.wait(0.02)
            self.here = goal
        elif self.is_("answers_early"):
            threading.Thread(target=self.move_later, args=(goal,), daemon=True).start()
        else:
            super().move(goal, at_least_s)

    def move_later(self, goal):
        time.sleep(0.2)
        self.here = goal

    def width_m(self):
        return 0.085 if self.is_("no_fingers") else super().width_m()

    def look(self):
        if self.is_("blind"):
            raise RuntimeError("no camera")
        self.looks += 1
        picture = super().look()
        if self.is_("stopped_clock"):
            picture.stamp_ns = 1
        if self.is_("changes_size") and self.looks % 2:
            return Picture(picture.stamp_ns, 8, 8, bytes(192))
        return picture

    def camera(self):
        return None if self.is_("changes_size") else super().camera()

    def new_bin(self, seed):
        raise RuntimeError("no objects")

    def _fills_in(self, method):
        return self.is_("no_objects") if method == "new_bin" else super()._fills_in(method)

    def send(self, message, picture=None):
        kind = message["type"]
        if kind == "hello" and self.is_("old_protocol"):
            message["protocol"] = 0
        if kind == "observation" and self.is_("chats"):
            write(b"VendorSDK: frame 17\n")
        if kind == "done" and self.is_("says_far") and "gripper" in message:
            message["gripper"]["x_m"] = 0.4
        if kind == "heartbeat" and self.is_("silent"):
            self._sent_s = time.monotonic()
            return
        if message.get("name") == "after_drop" and self.is_("half_test"):
            return
        super().send(message, picture)
        if kind == "done" and self.is_("answers_twice"):
            super().send(message, picture)

    def _act(self, request):
        if self.is_("by_action") and "target" in request:
            x, y, z = (a + b for a, b in zip(self.here[:3], request["action"][:3]))
            self.move(Pose(x, y, z, request["target"]["yaw_rad"]), request["min_duration_s"])
            self.send({"type": "done", "id": request["id"], "gripper": self.gripper()})
        else:
            super()._act(request)

    def answer(self, line):
        if self.is_("fragile") and qt_driver._type_of(line) not in self._handlers():
            raise KeyError(line)
        if self.is_("strict") and "of_a_later_version" in line:
            self.send({"type": "error", "error": {"code": "bad_request", "message": "an unknown key"}})
        else:
            super().answer(line)

    def _terminate(self, *arguments):
        if not self.is_("ignores_sigterm"):
            super()._terminate(*arguments)

    def listen(self):
        if not self.is_("deaf"):
            super().listen()

    def next_line(self):
        if not self.is_("deaf"):
            return super().next_line()
        line = self.input.readline()
        return line if line and qt_driver._type_of(line) != "stop" else None

    def _read(self):
        if not self.is_("ignores_end"):
            super()._read()
            return
        for line in self.input:
            self._requests.put(None if qt_driver._type_of(line) == "stop" else line)
            if qt_driver._type_of(line) == "stop":
                self._stopping.set()


if __name__ == "__main__":
    if sys.argv[1] == "greets":
        write(b"pybullet build time: Nov 30\n")
    qt_driver.main(Broken(sys.argv[1]))
