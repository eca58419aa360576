# SPDX-License-Identifier: Apache-2.0
"""A client of qt-serve in another language, for tests and measurements: formats/serve/SPEC.md alone."""

import base64
import json
import socket
import struct

CAMERA = {"width_px": 64, "height_px": 64, "fx_px": 90.5, "fy_px": 90.5, "cx_px": 31.5, "cy_px": 31.5,
          "p_WC_m": [0.0, -0.3, 0.5], "q_WC_wxyz": [0.28, -0.96, 0.0, 0.0]}
GRIPPER = {"opening": 1, "height_m": 0.15, "x_m": 0.01, "y_m": -0.02, "yaw_rad": 0.3, "measured_opening_m": 0.08}


def picture(shade):
    return bytes((shade + 3 * i) % 256 for i in range(64 * 64 * 3))


def act(number, **changes):
    """The header of request `number`, without the image bytes."""
    header = {"type": "act", "id": number, "session": number % 4, "seed": 1000 + number % 5, "step": number % 7,
              "gripper": GRIPPER, "camera": CAMERA, "image": {"encoding": "rgb8", "width_px": 64, "height_px": 64}}
    return {**header, **changes}


def with_data(header, image):
    return {**header, "image": {**header["image"], "data": base64.b64encode(image).decode()}}


def line(header, image=None):
    return json.dumps(header if image is None else with_data(header, image)).encode() + b"\n"


def frame(header, image=b""):
    if image:
        header = {**header, "image": {**header["image"], "bytes": len(image)}}
    text = json.dumps(header).encode()
    if (4 + len(text) + len(image)) & 0xFF == ord("{"):
        text += b" "
    return struct.pack("<II", 4 + len(text) + len(image), len(text)) + text + image


class Client:
    """Speaks binary frames over a Unix socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)

    def exactly(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise ConnectionError("the server closed the connection")
            data += more
        return data

    def receive(self):
        total, length = struct.unpack("<II", self.exactly(8))
        return json.loads(self.exactly(total - 4)[:length])

    def ask(self, header, image=b""):
        self.socket.sendall(frame(header, image))
        return self.receive()


def essence(answer):
    """An answer without what may differ."""
    return {key: value for key, value in answer.items() if key not in ("id", "compute_ms", "wait_ms")}
