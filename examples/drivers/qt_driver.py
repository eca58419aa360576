#!/usr/bin/env python3
"""The robot protocol (formats/robot/SPEC.md) without the robot: derive from Driver, fill in its six
methods, call serve(). docs/ROBOT.md shows how; no_robot.py is the shortest example.

It reads requests in a thread of its own, so a stop is heard in mid-motion; holds the robot on a stop,
on SIGTERM, at the end of its input and after an error; says that it is alive while something takes
long; refuses targets outside of the workspace and requests that make no sense; and keeps standard
output for the protocol: what libraries print goes to standard error. So import it before them.

It needs Python 3.9 or later, and nothing else.
"""

from __future__ import annotations

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
import traceback
from dataclasses import asdict, dataclass
from typing import Any, Callable, Iterator, NamedTuple, Optional

_protocol = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

HEARTBEAT_S = 0.5
PERIOD_S = 0.02  # of the poses that line() gives
SLACK_M = 1e-3  # targets come as decimal numbers
STOP_S = 0.01  # how often blocking() looks


class Pose(NamedTuple):
    """Of the finger tips, in the bin's frame (docs/CONVENTIONS.md)."""

    x_m: float
    y_m: float
    height_m: float
    yaw_rad: float


@dataclass
class Picture:
    stamp_ns: int  # when it was taken; later pictures have greater ones
    width_px: int
    height_px: int
    data: bytes  # rows from the top, three bytes a pixel, or a JPEG
    encoding: str = "rgb8"  # or "jpeg"


@dataclass
class Camera:
    """A pinhole; the pose is that of the optical frame (x right, y down, z forward) in the bin's."""

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    p_WC_m: list[float]
    q_WC_wxyz: list[float]


class Stop(BaseException):
    """The client says stop or is gone, or SIGTERM came: no `except Exception` may swallow it."""


class Discard(Exception):
    """Raise it where the episode is void, but the robot well: a person reached into the bin."""


class _Wrong(Exception):
    """A request that is not carried out. The robot has not moved."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class Driver:
    """One robot. The first six methods must be filled in, the next six may be. All run in the main
    thread. Whatever takes time waits with wait(), line() or blocking(): these raise Stop."""

    name = "my driver 1"
    env_config: dict[str, Any] = {}  # recorded with each episode
    # Keys of formats/robot/SPEC.md section 4. Without a speed there is none that is kept.
    limits: dict[str, Any] = {"max_speed_mps": 0.15, "max_turn_radps": 0.8}
    # Where episodes begin, where nothing of the robot is in the picture, where things are let go.
    home, park, drop = Pose(0, 0, 0.18, 0), Pose(0, -0.35, 0.35, 0), Pose(0, 0, 0.06, 0)
    rest_s = 0.5  # until what was let go lies still
    binary = True  # pictures behind their message as they are; else in base64 in it

    # --- What must be filled in ---------------------------------------------------------------

    def pose(self) -> Pose:
        """Where the finger tips are, measured."""
        raise NotImplementedError

    def width_m(self) -> float:
        """The distance between the pads, measured."""
        raise NotImplementedError

    def move(self, goal: Pose, at_least_s: float) -> None:
        """Goes there in a straight line, in that time or longer; returns when it has arrived, or
        stands still because something is in the way."""
        raise NotImplementedError

    def set_fingers(self, is_open: bool) -> None:
        """Opens or closes the gripper; returns when the fingers stand still."""
        raise NotImplementedError

    def look(self) -> Picture:
        """A picture that was taken after this call."""
        raise NotImplementedError

    def hold(self) -> None:
        """Stops the robot where it is, whatever it was doing. Called once, at the end."""
        raise NotImplementedError

    # --- What may be filled in ----------------------------------------------------------------

    def begin(self, hello: dict[str, Any]) -> None:
        """The client's hello: hello["environment"] is the number of the robot, of several."""

    def camera(self) -> Optional[Camera]:
        """Of the last picture."""
        return None

    def look_at_fingers(self) -> Picture:
        """A picture of a camera on the gripper that sees the finger tips in its middle."""
        raise NotImplementedError

    def new_bin(self, seed: int) -> None:
        """Exchanges the objects."""
        raise NotImplementedError

    def truth(self) -> Optional[bool]:
        """Whether something was held at the end: a simulator's verdict."""
        return None

    def close(self) -> None:
        """After hold(), before the program ends."""

    # --- What they can use --------------------------------------------------------------------

    opening = 1.0  # as last commanded: 1 open, 0 closed
    # Set it in move() or set_fingers() where a person took over and did something else: one motion of
    # at most the task's step, or an opening or closing (then set opening, too).
    intervention = False
    why = ""  # it stops

    def wait(self, seconds: float = 0) -> None:
        """Sleeps, says now and then that we are alive, and raises Stop if we are to stop."""
        end = time.monotonic() + seconds
        while True:
            if self._stopping.is_set():
                raise Stop
            now = time.monotonic()
            if self._is_busy and now - self._sent_s >= HEARTBEAT_S:
                self.send({"type": "heartbeat"})
            if now >= end:
                return
            self._stopping.wait(min(end - now, HEARTBEAT_S))

    def line(self, goal: Pose, at_least_s: float = 0) -> Iterator[Pose]:
        """Poses on the straight way from here to the goal, one every 20 ms, the goal at last."""
        start = self.pose()
        turn = math.remainder(goal.yaw_rad - start.yaw_rad, 2 * math.pi)
        duration = max(at_least_s, self.time_to(goal), PERIOD_S)
        begin = time.monotonic()
        share = 0.0
        while share < 1:
            self.wait(PERIOD_S)
            share = min(1.0, (time.monotonic() - begin) / duration)
            x, y, height = (a + share * (b - a) for a, b in zip(start[:3], goal[:3]))
            yield Pose(x, y, height, start.yaw_rad + share * turn)

    def time_to(self, goal: Pose) -> float:
        """The shortest time to the goal that keeps the speed limits."""
        here = self.pose()
        turn = abs(math.remainder(goal.yaw_rad - here.yaw_rad, 2 * math.pi))
        way: float = math.dist(here[:3], goal[:3])
        return max(way / float(self.limits.get("max_speed_mps", math.inf)),
                   turn / float(self.limits.get("max_turn_radps", math.inf)))

    def blocking(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """The result of a call that knows nothing of us and takes long. It runs in a thread, so that
        a stop is heard meanwhile: hold() must then be able to interrupt it."""
        results: queue.SimpleQueue[tuple[Any, Optional[BaseException]]] = queue.SimpleQueue()

        def run() -> None:
            try:
                results.put((call(*arguments), None))
            except BaseException as error:  # raised again below
                results.put((None, error))

        threading.Thread(target=run, daemon=True).start()
        while results.empty():
            self.wait(STOP_S)
        result, error = results.get()
        if error is not None:
            raise error
        return result

    def go(self, goal: Pose) -> None:
        """A motion of our own, within the speed limits."""
        self.move(goal, self.time_to(goal))

    # --- The protocol -------------------------------------------------------------------------

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self.input = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")
        self._requests: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
        self._is_busy = False
        self._sent_s = time.monotonic()
        self._told_camera: Optional[Camera] = None
        self._task: dict[str, Any] = {}

    def serve(self) -> int:
        """Until the client has no more to ask. The exit status."""
        signal.signal(signal.SIGTERM, self._terminate)
        self.listen()
        status = 0
        try:
            while (line := self.next_line()) is not None:
                self._is_busy = True
                self.answer(line)
                self._is_busy = False
        except (Stop, BrokenPipeError):
            pass
        except Exception:  # told to the client, and to whoever reads the log
            traceback.print_exc()
            status = 1
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            try:
                self.hold()
            finally:
                self.close()
        return status

    def _terminate(self, *_: Any) -> None:
        self.why = "SIGTERM"
        raise Stop

    def listen(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        why = "the client is gone"
        for line in self.input:
            if _type_of(line) == "stop":
                why = "the client says stop"
                break
            self._requests.put(line)
        self.why = self.why or why
        self._stopping.set()
        self._requests.put(None)

    def next_line(self) -> Optional[str]:
        """The next request; None at the end."""
        return self._requests.get()

    def send(self, message: dict[str, Any], picture: Optional[Picture] = None) -> None:
        image = b""
        if picture is not None:
            message["image"] = {"encoding": picture.encoding, "width_px": picture.width_px,
                                "height_px": picture.height_px}
            if self.binary:
                image = picture.data
                message["image"]["bytes"] = len(image)
            else:
                message["image"]["data"] = base64.b64encode(picture.data).decode()
        text = json.dumps(message, allow_nan=False).encode()
        if self.binary:
            if (4 + len(text) + len(image)) & 0xFF == ord("{"):  # would look like a line of JSON
                text += b" "
            _protocol.write(struct.pack("<II", 4 + len(text) + len(image), len(text)) + text + image)
        else:
            _protocol.write(text + b"\n")
        _protocol.flush()
        self._sent_s = time.monotonic()

    def answer(self, line: str) -> None:
        identifier = None
        try:
            request = _parse(line)
            identifier = request.get("id")
            handler = self._handlers().get(request["type"])
            if handler is None:
                raise _Wrong("bad_request", f"there is no request '{request['type']}'")
            handler(request)
        except _Wrong as error:
            self._send_error(identifier, error.code, error)
        except Discard as error:
            self._send_error(identifier, "discard", error)
        except Exception as error:  # the client decides what becomes of the episode; we end
            self._send_error(identifier, "failed", error)
            raise

    def _handlers(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        return {"hello": self._hello, "new_bin": self._new_bin, "reset": self._reset,
                "observe": self._observe, "act": self._act, "drop_test": self._drop_test}

    def _send_error(self, identifier: Any, code: str, error: Exception) -> None:
        text = str(error) or type(error).__name__
        message: dict[str, Any] = {"type": "error", "error": {"code": code, "message": text[:1000]}}
        if isinstance(identifier, int):
            message["id"] = identifier
        self.send(message)

    def _fills_in(self, method: str) -> bool:
        return getattr(type(self), method) is not getattr(Driver, method)

    def gripper(self) -> dict[str, float]:
        here = self.pose()
        return {"opening": self.opening, "height_m": here.height_m, "x_m": here.x_m, "y_m": here.y_m,
                "yaw_rad": math.remainder(here.yaw_rad, 2 * math.pi), "measured_opening_m": self.width_m()}

    def _fingers(self, is_open: bool) -> None:
        self.set_fingers(is_open)
        if not self.intervention:
            self.opening = 1.0 if is_open else 0.0

    def _hello(self, request: dict[str, Any]) -> None:
        if request.get("protocol") != 1:
            raise _Wrong("unsupported_protocol", "this driver speaks protocol 1")
        self._task = request.get("task", {})
        self.begin(request)
        capabilities = {"new_bin": self._fills_in("new_bin"), "drop_test": True,
                        "gripper_view": self._fills_in("look_at_fingers")}
        self.send({"type": "hello", "protocol": 1, "driver": self.name, "env_config": self.env_config,
                   "capabilities": capabilities, "limits": self.limits})

    def _new_bin(self, request: dict[str, Any]) -> None:
        seed = _number(request, "seed", int)
        if not self._fills_in("new_bin"):
            raise _Wrong("bad_request", "this driver cannot exchange the objects")
        self.new_bin(seed)
        self.send({"type": "done", "id": request["id"]})

    def _reset(self, request: dict[str, Any]) -> None:
        self.intervention = False
        self._fingers(True)
        self.go(self.pose()._replace(height_m=self.home.height_m))
        self.go(self.home)
        self.send({"type": "done", "id": request["id"], "gripper": self.gripper()})

    def _observe(self, request: dict[str, Any]) -> None:
        picture = self.look()
        message = {"type": "observation", "id": request["id"], "stamp_ns": str(picture.stamp_ns),
                   "gripper": self.gripper()}
        camera = self.camera()
        if camera is not None and camera != self._told_camera:
            message["camera"] = asdict(camera)
            self._told_camera = camera
        self.send(message, picture)

    def _act(self, request: dict[str, Any]) -> None:
        action = request.get("action")
        if not isinstance(action, list) or len(action) != 8 or not all(map(_is_finite, action)):
            raise _Wrong("bad_request", "'action' must be eight numbers")
        opens, closes = action[5] > 0.5, action[6] > 0.5
        self.intervention = False
        if opens or closes:
            self._fingers(opens)
        else:
            target = request.get("target")
            if not isinstance(target, dict):
                raise _Wrong("bad_request", "'target' is missing")
            goal = Pose(*(_number(target, key, float) for key in Pose._fields))
            self._check(goal)
            self.move(goal, _number(request, "min_duration_s", float))
        done = {"type": "done", "id": request["id"], "gripper": self.gripper()}
        self.send({**done, "intervention": True} if self.intervention else done)

    def _check(self, goal: Pose) -> None:
        """The client has clipped it. We trust nobody with an arm."""
        task = self._task
        side = task.get("workspace_xy_m", math.inf)
        of_task = {"x_m": (-side, side), "y_m": (-side, side),
                   "height_m": (task.get("min_height_m", -math.inf), task.get("max_height_m", math.inf))}
        for key, bounds in of_task.items():
            for low, high in (bounds, self.limits.get(key, bounds)):
                if not low - SLACK_M <= getattr(goal, key) <= high + SLACK_M:
                    raise _Wrong("refused", f"the target's {key} is outside of the workspace")

    def _drop_test(self, request: dict[str, Any]) -> None:
        self.intervention = False
        if self.pose().height_m <= self._task.get("terminate_height_m", 0.13):
            self._fingers(True)
        truth = self.truth()
        self.leave_view()
        self._evidence(request, "before_drop", self.look)
        if self._fills_in("look_at_fingers"):
            self._fingers(False)
            self._evidence(request, "gripper_before", self.look_at_fingers)
        if self.opening == 0:
            above = self.drop._replace(height_m=self.home.height_m)
            for goal in (above, self.drop):
                self.go(goal)
            self._fingers(True)
            self.go(above)
            self.leave_view()
        self._evidence(request, "after_drop", self.look)
        if self._fills_in("look_at_fingers"):
            self._fingers(False)
            self._evidence(request, "gripper_after", self.look_at_fingers)
        done = {"type": "done", "id": request["id"]}
        self.send(done if truth is None else {**done, "truth": truth})

    def leave_view(self) -> None:
        """Straight up first, then aside: what is held must not be swung."""
        here = self.pose()
        self.go(here._replace(height_m=max(here.height_m, self.home.height_m)))
        self.go(self.park)

    def _evidence(self, request: dict[str, Any], name: str, look: Callable[[], Picture]) -> None:
        self.wait(self.rest_s)
        picture = look()
        self.send({"type": "evidence", "id": request["id"], "name": name,
                   "stamp_ns": str(picture.stamp_ns)}, picture)


def _type_of(line: str) -> Any:
    try:
        request = json.loads(line)
    except ValueError:
        return None
    return request.get("type") if isinstance(request, dict) else None


def _parse(line: str) -> dict[str, Any]:
    """A request as far as all are alike: an object with a type, and an id unless it is a hello."""
    try:
        request = json.loads(line)
    except ValueError as error:
        raise _Wrong("bad_request", "the request is not JSON") from error
    if not isinstance(request, dict) or not isinstance(request.get("type"), str):
        raise _Wrong("bad_request", "the request has no type")
    if request["type"] != "hello" and not isinstance(request.get("id"), int):
        raise _Wrong("bad_request", "the request has no id")
    return request


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _number(message: dict[str, Any], key: str, kind: Callable[[Any], Any]) -> Any:
    try:
        value = kind(message[key])
    except (KeyError, TypeError, ValueError) as error:
        raise _Wrong("bad_request", f"'{key}' is missing or no number") from error
    if not math.isfinite(value):
        raise _Wrong("bad_request", f"'{key}' is not finite")
    return value


def main(driver: Driver) -> None:
    """Serves, and ends at once: the interpreter's own way out would wait for threads that read."""
    status = driver.serve()
    sys.stderr.flush()
    os._exit(status)
