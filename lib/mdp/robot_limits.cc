// SPDX-License-Identifier: Apache-2.0
#include "mdp/robot_limits.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "mdp/geometry.h"

namespace qt {
namespace {

using Interval = RobotLimits::Interval;

Interval Meet(const Interval& a, double low, double high) {
  return {std::max(a.low, low), std::min(a.high, high)};
}

struct Workspace {
  Interval x_m, y_m, height_m;
};

Workspace WorkspaceOf(const RobotLimits& limits, const TaskConfig& task) {
  return {Meet(limits.x_m, -task.workspace_xy_m, task.workspace_xy_m),
          Meet(limits.y_m, -task.workspace_xy_m, task.workspace_xy_m),
          Meet(limits.height_m, task.min_height_m, task.max_height_m)};
}

Interval StatedOr(const Interval& stated, double low, double high) {
  const bool is_stated = std::isfinite(stated.low) || std::isfinite(stated.high);
  return is_stated ? stated : Interval{low, high};
}

bool IsNear(double value, const Interval& interval) {
  return value >= interval.low - kPoseTolerance_m && value <= interval.high + kPoseTolerance_m;
}

}  // namespace

Status CheckLimits(const RobotLimits& limits, const TaskConfig& task) {
  const Workspace workspace = WorkspaceOf(limits, task);
  for (const Interval& side : {workspace.x_m, workspace.y_m, workspace.height_m}) {
    if (side.low > side.high) return Failed("the robot's workspace does not meet the task's");
  }
  if (workspace.height_m.high <= task.terminate_height_m) {
    return Failed("the robot cannot lift above the task's terminate_height_m");
  }
  return Ok();
}

Action ClipToLimits(const Action& action, const RobotLimits& limits) {
  if (action.Kind() != ActionKind::kMove) return action;
  const auto exceeds = [](double value, double bound) { return std::abs(value) > bound; };
  const double xy = limits.max_step_xy_m, z = limits.max_step_z_m, yaw = limits.max_step_yaw_rad;
  const double dyaw_rad = action.dyaw_rad();
  const bool within = !exceeds(action.dx_m, xy) && !exceeds(action.dy_m, xy) &&
                      !exceeds(action.dz_m, z) && !exceeds(dyaw_rad, yaw);
  if (within) return action;
  return Action::Move(std::clamp(double(action.dx_m), -xy, xy),
                      std::clamp(double(action.dy_m), -xy, xy),
                      std::clamp(double(action.dz_m), -z, z), std::clamp(dyaw_rad, -yaw, yaw));
}

GuardedMotion GuardMotion(const GripperState& gripper, const Action& action,
                          const RobotLimits& limits, const TaskConfig& task) {
  const Workspace workspace = WorkspaceOf(limits, task);
  GuardedMotion motion{TargetOf(gripper, action, task)};
  GripperTarget& target = motion.target;
  target.x_m = std::clamp(target.x_m, workspace.x_m.low, workspace.x_m.high);
  target.y_m = std::clamp(target.y_m, workspace.y_m.low, workspace.y_m.high);
  target.height_m = std::clamp(target.height_m, workspace.height_m.low, workspace.height_m.high);
  const double way_m = std::hypot(target.x_m - gripper.x_m, target.y_m - gripper.y_m,
                                  target.height_m - gripper.height_m);
  motion.min_duration_s = std::max(way_m / limits.max_speed_mps,
                                   std::abs(double(action.dyaw_rad())) / limits.max_turn_radps);
  return motion;
}

Status CheckPose(const GripperState& gripper, const RobotLimits& limits, const TaskConfig& task) {
  const Workspace known = {StatedOr(limits.x_m, -task.workspace_xy_m, task.workspace_xy_m),
                           StatedOr(limits.y_m, -task.workspace_xy_m, task.workspace_xy_m),
                           StatedOr(limits.height_m, task.min_height_m, task.max_height_m)};
  const bool near = IsNear(gripper.x_m, known.x_m) && IsNear(gripper.y_m, known.y_m) &&
                    IsNear(gripper.height_m, known.height_m);
  const bool finite = std::isfinite(gripper.x_m) && std::isfinite(gripper.y_m) &&
                      std::isfinite(gripper.height_m) && std::isfinite(gripper.yaw_rad);
  if (near && finite) return Ok();
  return Failed("the gripper's pose is far outside of the robot's own workspace");
}

}  // namespace qt
