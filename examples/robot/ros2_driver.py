#!/usr/bin/env python3
"""A robot driver for ROS 2 (formats/robot/SPEC.md, docs/ROBOT.md): a pattern to adapt. It has not been run by the test
suite, which has no ROS. It needs a camera that publishes image_raw and camera_info; tf2 from the bin's frame to the
camera's optical frame and to the tool centre between the finger tips; a Cartesian controller that follows a PoseStamped
(here cartesian_motion_controller's topic); and a gripper with the action control_msgs/GripperCommand.
"""

import base64, json, math, os, queue, signal, sys, threading, time
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
HOME, PARK, DROP = (0.0, 0.0, 0.18, 0.0), (0.0, -0.35, 0.35, 0.0), (0.0, 0.0, 0.06, 0.0)
OPEN_M, SPEED_MPS, TURN_RADPS, ARRIVED_M, ARRIVED_RAD = 0.085, 0.15, 0.8, 0.002, 0.02
LIMITS = {"x_m": [-0.105, 0.105], "y_m": [-0.105, 0.105], "height_m": [0.012, 0.20],
          "max_speed_mps": SPEED_MPS, "max_turn_radps": TURN_RADPS}


class Stop(BaseException):
    """The client says stop or is gone, or SIGTERM: no `except Exception` may swallow it."""


stopping, requests = threading.Event(), queue.SimpleQueue()


def read_requests():  # in a thread of its own, so that a stop is heard in mid-motion
    for line in os.fdopen(os.dup(0), encoding="utf-8"):
        request = json.loads(line)
        if request["type"] == "stop":
            break
        requests.put(request)
    stopping.set()
    requests.put({"type": "stop"})


def terminate(*_):
    raise Stop


def wait(seconds):
    if stopping.wait(seconds):
        raise Stop


def send(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Cell(Node):
    def __init__(self):
        super().__init__("qt_robot_driver")
        self.tf = Buffer()
        TransformListener(self.tf, self)
        self.target = self.create_publisher(PoseStamped, "/cartesian_motion_controller/target_frame", 1)
        self.fingers = ActionClient(self, GripperCommand, "/gripper_controller/gripper_cmd")
        self.picture, self.info, self.opening, self.width_m = None, None, 1, OPEN_M
        self.create_subscription(Image, "/camera/color/image_raw", self.on_picture, qos_profile_sensor_data)
        self.create_subscription(CameraInfo, "/camera/color/camera_info", self.on_info, qos_profile_sensor_data)

    def on_picture(self, message):
        self.picture = message

    def on_info(self, message):
        self.info = message

    def pose(self):  # x, y, height, yaw of the tool in the bin
        t = self.tf.lookup_transform(BIN, TOOL, rclpy.time.Time()).transform
        q = t.rotation
        yaw = math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
        return t.translation.x, t.translation.y, t.translation.z, yaw

    def gripper(self):
        x, y, height, yaw = self.pose()
        return {"opening": self.opening, "height_m": height, "x_m": x, "y_m": y, "yaw_rad": yaw,
                "measured_opening_m": self.width_m}

    def command(self, x, y, z, yaw):
        message = PoseStamped()
        message.header.frame_id, message.header.stamp = BIN, self.get_clock().now().to_msg()
        message.pose.position.x, message.pose.position.y, message.pose.position.z = x, y, z
        message.pose.orientation.z, message.pose.orientation.w = math.sin(yaw / 2), math.cos(yaw / 2)
        self.target.publish(message)

    def move(self, goal, at_least_s=0.0):
        """Streams a straight line to the goal, then waits until the arm is there or stands still."""
        start = self.pose()
        turn = math.remainder(goal[3] - start[3], 2 * math.pi)
        duration = max(at_least_s, math.dist(start[:3], goal[:3]) / SPEED_MPS, abs(turn) / TURN_RADPS, 0.1)
        begin, last = time.monotonic(), start
        while True:
            share = min(1.0, (time.monotonic() - begin) / duration)
            x, y, z = (a + share * (b - a) for a, b in zip(start[:3], goal[:3]))
            self.command(x, y, z, start[3] + share * turn)
            wait(0.02)
            now = self.pose()
            there = math.dist(now[:3], goal[:3]) < ARRIVED_M and abs(math.remainder(now[3] - goal[3], 2 * math.pi)) < ARRIVED_RAD
            stuck = share == 1.0 and time.monotonic() - begin > duration + 1.0 and math.dist(now[:3], last[:3]) < 1e-4
            if (share == 1.0 and there) or stuck:
                return
            last = now

    def hold(self):
        self.command(*self.pose())

    def set_fingers(self, is_open):
        goal = GripperCommand.Goal()
        goal.command.position, goal.command.max_effort = (OPEN_M if is_open else 0.0), 20.0
        done = threading.Event()
        accepted = self.fingers.send_goal_async(goal)

        def on_result(future):
            self.width_m = future.result().result.position
            done.set()

        accepted.add_done_callback(lambda f: f.result().get_result_async().add_done_callback(on_result))
        give_up = time.monotonic() + 5
        while not done.is_set():
            if time.monotonic() > give_up:
                raise RuntimeError("the gripper did not answer")
            wait(0.01)
        self.opening = 1 if is_open else 0

    def look(self):
        """A picture taken after now, with its stamp."""
        asked = self.get_clock().now().nanoseconds
        while True:
            picture = self.picture
            if picture is not None and self.info is not None:
                stamp = picture.header.stamp.sec * 10**9 + picture.header.stamp.nanosec
                if stamp > asked:
                    return picture, stamp
            wait(0.005)

    def encoded(self, picture):  # encoding "rgb8", no padding between rows
        return {"encoding": "rgb8", "width_px": picture.width, "height_px": picture.height,
                "data": base64.b64encode(bytes(picture.data)).decode()}

    def camera(self):
        t = self.tf.lookup_transform(BIN, CAMERA, rclpy.time.Time()).transform
        k, p, q = self.info.k, t.translation, t.rotation
        return {"width_px": self.info.width, "height_px": self.info.height, "fx_px": k[0], "fy_px": k[4],
                "cx_px": k[2], "cy_px": k[5], "p_WC_m": [p.x, p.y, p.z], "q_WC_wxyz": [q.w, q.x, q.y, q.z]}


class Driver:
    def __init__(self, cell):
        self.cell, self.terminate_height_m = cell, 0.13

    def hello(self, request):
        self.terminate_height_m = request["task"]["terminate_height_m"]
        send(type="hello", protocol=1, driver="ros2_driver 1", env_config={"arm": "iiwa14"},
             capabilities={"drop_test": True}, limits=LIMITS)  # a camera on the gripper: formats/robot, 5

    def reset(self, request):
        self.cell.set_fingers(True)
        self.cell.move(HOME)
        send(type="done", id=request["id"], gripper=self.cell.gripper())

    def observe(self, request):
        picture, stamp = self.cell.look()
        send(type="observation", id=request["id"], stamp_ns=str(stamp), gripper=self.cell.gripper(),
             camera=self.cell.camera(), image=self.cell.encoded(picture))

    def act(self, request):
        opens, closes = request["action"][5] > 0.5, request["action"][6] > 0.5
        if opens or closes:
            self.cell.set_fingers(opens)
        else:
            t = request["target"]
            self.cell.move((t["x_m"], t["y_m"], t["height_m"], t["yaw_rad"]), request["min_duration_s"])
        send(type="done", id=request["id"], gripper=self.cell.gripper())

    def drop_test(self, request):
        cell, pose = self.cell, self.cell.pose()
        if pose[2] <= self.terminate_height_m:
            cell.set_fingers(True)
        cell.move((pose[0], pose[1], HOME[2], pose[3]))
        cell.move(PARK)
        self.evidence(request, "before_drop")
        if cell.opening == 0:
            cell.move(DROP)
            cell.set_fingers(True)
            cell.move((DROP[0], DROP[1], HOME[2], DROP[3]))
            cell.move(PARK)
        self.evidence(request, "after_drop")
        send(type="done", id=request["id"])

    def evidence(self, request, name):
        wait(0.5)  # until everything rests
        picture, stamp = self.cell.look()
        send(type="evidence", id=request["id"], name=name, stamp_ns=str(stamp), image=self.cell.encoded(picture))

    def serve(self):
        while True:
            request = requests.get()
            if request["type"] == "stop":
                return
            try:
                getattr(self, request["type"])(request)
            except Exception as error:  # noqa: the client decides what becomes of the episode
                send(type="error", id=request.get("id"), error={"code": "failed", "message": str(error)})
                return


rclpy.init(signal_handler_options=SignalHandlerOptions.NO)  # ours holds the robot first
signal.signal(signal.SIGTERM, terminate)
threading.Thread(target=read_requests, daemon=True).start()
cell = Cell()
threading.Thread(target=rclpy.spin, args=(cell,), daemon=True).start()
try:
    Driver(cell).serve()
except Stop:
    pass
finally:
    cell.hold()
    rclpy.shutdown()
