#!/usr/bin/env python3
"""A robot driver for ROS 2 (docs/ROBOT.md): a pattern to adapt. It needs a camera that publishes
image_raw and camera_info; tf2 from the bin's frame to the camera's optical frame and to the tool
centre between the finger tips; a Cartesian controller that follows a PoseStamped (here
cartesian_motion_controller's topic); and a gripper with the action control_msgs/GripperCommand. The
test suite runs it against stand-ins for these.
"""

import math
import sys
import threading
import time
from typing import Any, Optional

from qt_driver import Camera, Driver, Picture, Pose, main

import rclpy
from control_msgs.action import GripperCommand
from geometry_msgs.msg import PoseStamped
from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo, Image
from tf2_ros import Buffer, TransformListener

BIN, TOOL, CAMERA = "bin_floor", "finger_tips", "camera_color_optical_frame"
OPEN_M, EFFORT_N, GRIPPER_TIMEOUT_S = 0.085, 20.0, 5.0
ARRIVED_M, ARRIVED_RAD, STILL_M, GIVE_UP_S = 0.002, 0.02, 1e-4, 1.0


class Ros2Driver(Driver):
    name = "ros2_driver 2"
    env_config = {"arm": "iiwa14"}
    limits = {"x_m": [-0.105, 0.105], "y_m": [-0.105, 0.105], "height_m": [0.012, 0.20],
              "max_speed_mps": 0.15, "max_turn_radps": 0.8}
    park = Pose(0, -0.35, 0.35, 0)

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node
        self.tf = Buffer()
        TransformListener(self.tf, node)
        self.target = node.create_publisher(PoseStamped, "/cartesian_motion_controller/target_frame", 1)
        self.fingers = ActionClient(node, GripperCommand, "/gripper_controller/gripper_cmd")
        self.image: Optional[Image] = None
        self.info: Optional[CameraInfo] = None
        self.measured_m = OPEN_M
        node.create_subscription(Image, "/camera/color/image_raw", self.on_image, qos_profile_sensor_data)
        node.create_subscription(CameraInfo, "/camera/color/camera_info", self.on_info, qos_profile_sensor_data)

    def on_image(self, message: Any) -> None:
        self.image = message

    def on_info(self, message: Any) -> None:
        self.info = message

    def begin(self, hello: dict[str, Any]) -> None:
        """Until all that we need is there."""
        give_up = time.monotonic() + 20
        while self.info is None or not all(self.tf.can_transform(BIN, frame, rclpy.time.Time())
                                           for frame in (TOOL, CAMERA)):
            if time.monotonic() > give_up:
                raise RuntimeError("no camera, or no transforms of tool and camera")
            self.wait(0.05)

    def pose(self) -> Pose:
        t = self.tf.lookup_transform(BIN, TOOL, rclpy.time.Time()).transform
        q = t.rotation
        yaw = math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
        return Pose(t.translation.x, t.translation.y, t.translation.z, yaw)

    def width_m(self) -> float:
        return self.measured_m

    def command(self, pose: Pose) -> None:
        message = PoseStamped()
        message.header.frame_id, message.header.stamp = BIN, self.node.get_clock().now().to_msg()
        p, q = message.pose.position, message.pose.orientation
        p.x, p.y, p.z = float(pose.x_m), float(pose.y_m), float(pose.height_m)
        q.z, q.w = math.sin(pose.yaw_rad / 2), math.cos(pose.yaw_rad / 2)
        self.target.publish(message)

    def move(self, goal: Pose, at_least_s: float) -> None:
        """Streams the line, then waits until the arm is there or stands still."""
        for pose in self.line(goal, at_least_s):
            self.command(pose)
        give_up, last = time.monotonic() + GIVE_UP_S, self.pose()
        while True:
            self.wait(0.05)
            here = self.pose()
            turn = abs(math.remainder(here.yaw_rad - goal.yaw_rad, 2 * math.pi))
            if math.dist(here[:3], goal[:3]) < ARRIVED_M and turn < ARRIVED_RAD:
                return
            if time.monotonic() > give_up and math.dist(here[:3], last[:3]) < STILL_M:
                return
            last = here

    def hold(self) -> None:
        self.command(self.pose())

    def set_fingers(self, is_open: bool) -> None:
        goal = GripperCommand.Goal()
        goal.command.position, goal.command.max_effort = (OPEN_M if is_open else 0.0), EFFORT_N
        done = threading.Event()

        def on_result(future: Any) -> None:
            self.measured_m = future.result().result.position
            done.set()

        accepted = self.fingers.send_goal_async(goal)
        accepted.add_done_callback(lambda f: f.result().get_result_async().add_done_callback(on_result))
        give_up = time.monotonic() + GRIPPER_TIMEOUT_S
        while not done.is_set():
            if time.monotonic() > give_up:
                raise RuntimeError("the gripper did not answer")
            self.wait(0.01)

    def look(self) -> Picture:
        asked = self.node.get_clock().now().nanoseconds
        while True:
            image = self.image
            if image is not None:
                stamp = image.header.stamp.sec * 10**9 + image.header.stamp.nanosec
                if stamp > asked:  # encoding "rgb8", no padding between rows
                    return Picture(stamp, image.width, image.height, bytes(image.data))
            self.wait(0.005)

    def camera(self) -> Optional[Camera]:
        if self.info is None:
            return None
        t = self.tf.lookup_transform(BIN, CAMERA, rclpy.time.Time()).transform
        k, p, q = self.info.k, t.translation, t.rotation
        return Camera(self.info.width, self.info.height, k[0], k[4], k[2], k[5],
                      [p.x, p.y, p.z], [q.w, q.x, q.y, q.z])

    def close(self) -> None:
        rclpy.shutdown()


if __name__ == "__main__":
    rclpy.init(args=sys.argv, signal_handler_options=SignalHandlerOptions.NO)  # ours holds the robot
    node = Node("qt_robot_driver")
    driver = Ros2Driver(node)
    threading.Thread(target=rclpy.spin, args=(node,), daemon=True).start()
    main(driver)
