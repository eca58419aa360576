#!/usr/bin/env python3
"""A driver without a robot, to try things: a gripper that is four numbers, and grey pictures.

usage: no_robot.py [--text]

--text sends pictures in base64, one JSON object a line.
"""

import math
import sys
import time

from qt_driver import Camera, Driver, Picture, Pose, main

SIDE_PX, OPEN_M = 64, 0.085


class NoRobot(Driver):
    name = "no_robot 1"
    limits = {"x_m": [-0.08, 0.08], "max_step_xy_m": 0.05, "max_speed_mps": 0.25, "max_turn_radps": 2.0}
    rest_s = 0.02

    def __init__(self) -> None:
        super().__init__()
        self.here, self.fingers_m = self.home, OPEN_M

    def pose(self) -> Pose:
        return self.here

    def width_m(self) -> float:
        return self.fingers_m

    def move(self, goal: Pose, at_least_s: float) -> None:
        for pose in self.line(goal, at_least_s):
            self.here = pose

    def set_fingers(self, is_open: bool) -> None:
        self.wait(0.05)
        self.fingers_m = OPEN_M if is_open else 0.0

    def look(self) -> Picture:
        grey = int(255 * self.here.height_m) % 256
        return Picture(time.time_ns(), SIDE_PX, SIDE_PX, bytes([grey]) * (3 * SIDE_PX * SIDE_PX))

    def camera(self) -> Camera:  # as the simulator's: formats/robot/SPEC.md section 10
        focal_px, middle_px, tilt = 2.475 * SIDE_PX, 0.5 * (SIDE_PX - 1), math.radians(36)
        half_turn = (math.pi + tilt) / 2  # about x, from looking up
        return Camera(SIDE_PX, SIDE_PX, focal_px, focal_px, middle_px, middle_px, [0, -0.487, 0.769],
                      [math.cos(half_turn), math.sin(half_turn), 0, 0])

    def hold(self) -> None:
        pass  # it only moves while move() runs


if __name__ == "__main__":
    driver = NoRobot()
    driver.binary = "--text" not in sys.argv[1:]
    main(driver)
