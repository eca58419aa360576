// SPDX-License-Identifier: Apache-2.0
// The driver's half of the robot protocol (formats/robot/SPEC.md) for a robot of ours: what
// qt-collect --serve-robot does with the simulated cell, and what a driver's author can read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/status.h"
#include "protocol/robot_wire.h"
#include "robot/robot.h"

namespace qt::robot {

// Makes the robot for the client's task. Called once, when the client says hello.
using DrivenRobotFactory =
    std::function<Result<std::unique_ptr<Robot>>(const protocol::RobotClientHello&)>;

// Answers a client's requests, in binary framing, until it says stop or its stream ends (ok). An
// error of the robot and a request that makes no sense are told to the client; requests in an
// impossible order, and an error of writing, end it.
// `driver`: name and version.
Status DriveRobot(const std::string& driver, const DrivenRobotFactory& new_robot, ByteSource& in,
                  ByteSink& out);

}  // namespace qt::robot
