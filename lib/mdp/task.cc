// SPDX-License-Identifier: Apache-2.0
#include "mdp/task.h"

#include <algorithm>
#include <cmath>

#include "mdp/geometry.h"

namespace qt {
namespace {

// A grip is as doubtful as one that holds nothing from here on. (bench/results, learning.md: grips
// whose pads had slid by half a millimetre were lost ten times as often as the others, and those
// that pushed the gripper aside by 2 mm slipped nine times as often as those closed lowest.)
constexpr double kSlid_m = 0.004;         // pads that come closer on what they hold
constexpr double kPushedAside_m = 0.005;  // a gripper that its own closing moves

bool IsEmpty(const GripperState& gripper) { return gripper.measured_opening_m < kEmptyOpening_m; }

double Distance_m(const GripperState& a, const GripperState& b) {
  return std::hypot(a.x_m - b.x_m, a.y_m - b.y_m, a.height_m - b.height_m);
}

// How much of `full` an amount is: 0 to 1.
float Share(double amount, double full) {
  return static_cast<float>(std::clamp(amount / full, 0.0, 1.0));
}

double ClipFinite(double value, double bound) {
  return std::isfinite(value) ? std::clamp(value, -bound, bound) : 0.0;
}

}  // namespace

Action ClipAction(const Action& action, const TaskConfig& task) {
  switch (action.Kind()) {
    case ActionKind::kTerminate:
      return Action::Terminate();
    case ActionKind::kClose:
      return Action::Close();
    case ActionKind::kOpen:
      return Action::Open();
    case ActionKind::kMove:
      break;
  }
  return Action::Move(
      ClipFinite(action.dx_m, task.max_dxy_m), ClipFinite(action.dy_m, task.max_dxy_m),
      ClipFinite(action.dz_m, task.max_dz_m), ClipFinite(action.dyaw_rad(), task.max_dyaw_rad));
}

GripperTarget TargetOf(const GripperState& gripper, const Action& action, const TaskConfig& task) {
  return {std::clamp(gripper.x_m + double(action.dx_m), -task.workspace_xy_m, task.workspace_xy_m),
          std::clamp(gripper.y_m + double(action.dy_m), -task.workspace_xy_m, task.workspace_xy_m),
          std::clamp(gripper.height_m + double(action.dz_m), task.min_height_m, task.max_height_m),
          WrapAngle(gripper.yaw_rad + action.dyaw_rad())};
}

float NextFruitless(float fruitless, const Action& action, const GripperState& before,
                    const GripperState& after, const TaskConfig& task) {
  const ActionKind kind = action.Kind();
  if (kind == ActionKind::kOpen || kind == ActionKind::kTerminate) return fruitless;
  if (kind == ActionKind::kClose && IsEmpty(after)) return 1;
  if (before.opening < 0.5f && !IsEmpty(before)) {
    const double slid_m = before.measured_opening_m - after.measured_opening_m;
    return std::min(fruitless + Share(slid_m, kSlid_m), 1.0f);
  }
  if (kind == ActionKind::kClose) return Share(Distance_m(before, after), kPushedAside_m);
  const double short_m = after.height_m - TargetOf(before, action, task).height_m;
  return short_m > kBlockedDescent_m ? 1.0f : 0.0f;
}

bool RuleTerminates(const GripperState& gripper, const Action& action, const TaskConfig& task) {
  return gripper.opening < 0.5f && gripper.height_m > task.terminate_height_m &&
         action.Kind() == ActionKind::kMove && action.dz_m > 0;
}

}  // namespace qt
