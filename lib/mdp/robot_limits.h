// SPDX-License-Identifier: Apache-2.0
// What a robot may be told to do, and the check that every action passes before it is sent
// (formats/robot/SPEC.md section 6).
#pragma once

#include <limits>

#include "base/status.h"
#include "mdp/action.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt {

// What a robot states. Infinite: it states nothing, and the task's workspace and steps hold alone;
// of speeds there is none then.
struct RobotLimits {
  static constexpr double kNone = std::numeric_limits<double>::infinity();
  struct Interval {
    double low = -kNone, high = kNone;
  };
  Interval x_m, y_m, height_m;  // of the finger tips
  double max_step_xy_m = kNone, max_step_z_m = kNone, max_step_yaw_rad = kNone;  // one action
  double max_speed_mps = kNone, max_turn_radps = kNone;
};

// A reported pose may be this far outside of the workspace: calibration, compliance.
inline constexpr double kPoseTolerance_m = 0.05;

// Fails if the robot cannot do the task at all: nothing is left of the workspace.
Status CheckLimits(const RobotLimits& limits, const TaskConfig& task);

// The action as far as the robot may go in one step. REQUIRES: ClipAction has passed it. Unchanged,
// bit for bit, if it is within the limits.
Action ClipToLimits(const Action& action, const RobotLimits& limits);

// What is sent for a motion: where to, and the shortest time that keeps the speed limits.
struct GuardedMotion {
  GripperTarget target;
  double min_duration_s = 0;
};
// REQUIRES: the action is a motion, and ClipToLimits has passed it.
GuardedMotion GuardMotion(const GripperState& gripper, const Action& action,
                          const RobotLimits& limits, const TaskConfig& task);

// Fails if the reported pose cannot be true: not finite, or far outside of the workspace that the
// robot states, of the task's where it states none.
Status CheckPose(const GripperState& gripper, const RobotLimits& limits, const TaskConfig& task);

}  // namespace qt
