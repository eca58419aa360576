#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a ROS 2 program without ROS: what examples/drivers/ros2_driver.py uses of rclpy and of the message packages, with a
cell behind it. The arm follows the last pose that was published, at most 0.5 m/s and 2 rad/s; fingers and camera take
their time; callbacks come from the thread that spins.

usage: fake_ros.py PROGRAM [ARGUMENT...]
"""

import math
import runpy
import sys
import threading
import time
import types

SIDE_PX, PERIOD_S, SPEED_MPS, TURN_RADPS = 32, 0.01, 0.5, 2.0


class Bag(types.SimpleNamespace):
    """A message: its fields are made when they are named."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, Bag())
        return getattr(self, name)


class Cell:
    def __init__(self):
        self.lock = threading.Lock()
        self.pose = [0.02, -0.01, 0.15, 0.3]
        self.goal = None
        self.goals = []  # of the gripper: (when it is reached, goal, future)

    def follow(self, message):
        p, q = message.pose.position, message.pose.orientation
        assert message.header.frame_id == "bin_floor", message
        with self.lock:
            self.goal = [p.x, p.y, p.z, 2 * math.atan2(q.z, q.w)]

    def step(self):
        with self.lock:
            if self.goal is None:
                return
            way = math.dist(self.goal[:3], self.pose[:3])
            share = min(1.0, SPEED_MPS * PERIOD_S / way) if way else 1.0
            for i in range(3):
                self.pose[i] += share * (self.goal[i] - self.pose[i])
            turn = math.remainder(self.goal[3] - self.pose[3], 2 * math.pi)
            self.pose[3] += max(-TURN_RADPS * PERIOD_S, min(TURN_RADPS * PERIOD_S, turn))

    def transform(self, frame):
        with self.lock:
            x, y, z, yaw = self.pose
        if frame == "finger_tips":
            return Bag(translation=Bag(x=x, y=y, z=z), rotation=Bag(x=0.0, y=0.0, z=math.sin(yaw / 2), w=math.cos(yaw / 2)))
        half = math.radians(108)
        return Bag(translation=Bag(x=0.0, y=-0.487, z=0.769), rotation=Bag(x=math.sin(half), y=0.0, z=0.0, w=math.cos(half)))


cell = Cell()


class Future:
    def __init__(self):
        self.value, self.callbacks = None, []

    def add_done_callback(self, callback):
        self.callbacks.append(callback)

    def result(self):
        return self.value

    def set(self, value):
        self.value = value
        for callback in self.callbacks:
            callback(self)


def stamp():
    sec, nanosec = divmod(time.time_ns(), 10**9)
    return Bag(sec=sec, nanosec=nanosec)


class Node:
    def __init__(self, name):
        self.name, self.subscriptions = name, {}

    def create_publisher(self, _type, _topic, _depth):
        return Bag(publish=cell.follow)

    def create_subscription(self, _type, topic, callback, _qos):
        self.subscriptions[topic] = callback

    def get_clock(self):
        return Bag(now=lambda: Bag(nanoseconds=time.time_ns(), to_msg=stamp))


class ActionClient:
    def __init__(self, _node, _type, _name):
        pass

    def send_goal_async(self, goal):
        accepted, done = Future(), Future()
        cell.goals.append((time.monotonic() + 0.05, accepted, Bag(get_result_async=lambda: done)))
        cell.goals.append((time.monotonic() + 0.2, done, Bag(result=Bag(position=goal.command.position))))
        return accepted


class Buffer:
    def can_transform(self, _to, _frame, _when):
        return True

    def lookup_transform(self, to, frame, _when):
        assert to == "bin_floor", to
        return Bag(transform=cell.transform(frame))


is_up = threading.Event()


def spin(node):
    print("fake_ros: spinning")  # as libraries do: on standard output
    next_picture = 0.0
    while is_up.is_set():
        time.sleep(PERIOD_S)
        cell.step()
        now = time.monotonic()
        for goal in [goal for goal in cell.goals if goal[0] <= now]:
            cell.goals.remove(goal)
            goal[1].set(goal[2])
        if now >= next_picture:
            next_picture = now + 0.04
            k = [158.39 / 64 * SIDE_PX, 0, 0.5 * (SIDE_PX - 1), 0, 158.39 / 64 * SIDE_PX, 0.5 * (SIDE_PX - 1), 0, 0, 1]
            node.subscriptions["/camera/color/camera_info"](Bag(width=SIDE_PX, height=SIDE_PX, k=k))
            node.subscriptions["/camera/color/image_raw"](
                Bag(header=Bag(stamp=stamp()), width=SIDE_PX, height=SIDE_PX, data=bytes(3 * SIDE_PX**2)))


def module(name, **contents):
    made = types.ModuleType(name)
    made.__dict__.update(contents)
    sys.modules[name] = made
    return made


def install():
    module("rclpy.time", Time=Bag)
    module("rclpy.action", ActionClient=ActionClient)
    module("rclpy.node", Node=Node)
    module("rclpy.qos", qos_profile_sensor_data=10)
    module("rclpy.signals", SignalHandlerOptions=Bag(NO=0))
    module("rclpy", time=sys.modules["rclpy.time"], init=lambda **_: is_up.set(), shutdown=is_up.clear, spin=spin)
    module("control_msgs")
    module("control_msgs.action", GripperCommand=Bag(Goal=Bag))
    module("geometry_msgs")
    module("geometry_msgs.msg", PoseStamped=Bag)
    module("sensor_msgs")
    module("sensor_msgs.msg", Image=Bag, CameraInfo=Bag)
    module("tf2_ros", Buffer=Buffer, TransformListener=lambda _buffer, _node: None)


if __name__ == "__main__":
    install()
    sys.argv = sys.argv[1:]
    sys.path.insert(0, sys.argv[0].rpartition("/")[0] or ".")
    runpy.run_path(sys.argv[0], run_name="__main__")
