// SPDX-License-Identifier: Apache-2.0
// The messages of the robot protocol, version 1 (formats/robot/SPEC.md), between qt-collect and the
// driver of a robot, in both directions. Encoding cannot fail; decoding checks every number that
// comes in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/observation.h"
#include "mdp/robot_limits.h"
#include "mdp/task.h"
#include "protocol/wire_frame.h"

namespace qt::protocol {

inline constexpr int kRobotProtocol = 1;
// Error code of a driver that is well, but whose episode is void.
inline constexpr char kDiscardCode[] = "discard";

// Messages from the client. Each request's id comes back with what answers it.
struct RobotClientHello {
  int protocol = kRobotProtocol;
  std::string client;
  int environment = 0;  // which robot of several
  TaskConfig task;
  bool drop_test = true;      // pictures of the drop test are wanted
  bool gripper_view = false;  // and those of a camera on the gripper, if there is one
};
struct NewBinRequest {
  uint64_t id = 0, seed = 0;
};
struct ResetRequest {
  uint64_t id = 0, seed = 0;
  int64_t stamp_ns = 0;  // where a simulated clock begins
};
struct ObserveRequest {
  uint64_t id = 0;
};
struct CommandRequest {  // "act"
  uint64_t id = 0;
  Action action;
  std::optional<GuardedMotion> motion;  // of a motion
};
struct DropTestRequest {
  uint64_t id = 0;
};
struct StopRequest {};

using RobotRequest = std::variant<RobotClientHello, NewBinRequest, ResetRequest, ObserveRequest,
                                  CommandRequest, DropTestRequest, StopRequest>;
// Corrupt if it does not follow the protocol.
Result<RobotRequest> DecodeRobotRequest(const Frame& frame);

// Messages from the driver.
struct DriverHello {
  int protocol = kRobotProtocol;
  std::string driver;      // name and version
  std::string env;         // recorded; the driver's name if it says nothing else
  std::string env_config;  // JSON object
  bool new_bin = false, drop_test = false, gripper_view = false;  // capabilities
  RobotLimits limits;
};
struct DriverDone {
  uint64_t id = 0;
  std::optional<GripperState> gripper;
  std::optional<std::string> env_config;  // JSON object
  std::optional<bool> truth;
  std::string truth_config;   // JSON object
  bool intervention = false;  // of act: a person moved the robot instead
};
struct DriverObservation {
  uint64_t id = 0;
  int64_t stamp_ns = 0;
  Observation observation;  // without has_camera, its camera is not set
  bool has_camera = false;
};
struct DriverEvidence {
  uint64_t id = 0;
  EvidenceFrame frame;
};
struct DriverHeartbeat {};
struct DriverError {
  std::optional<uint64_t> id;
  std::string code, message;
};

using DriverMessage = std::variant<DriverHello, DriverDone, DriverObservation, DriverEvidence,
                                   DriverHeartbeat, DriverError>;
// Corrupt if it does not follow the protocol.
Result<DriverMessage> DecodeDriverMessage(Frame frame, const WireLimits& limits = {});

Bytes Encode(Framing framing, const RobotRequest& request);
FrameParts LayOut(Framing framing, const DriverMessage& message);
Bytes Encode(Framing framing, const DriverMessage& message);  // the same in one piece

}  // namespace qt::protocol
