#include "mdp/task.h"

#include <algorithm>
#include <cmath>

#include "mdp/geometry.h"

namespace qt {
namespace {

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
  switch (action.Kind()) {
    case ActionKind::kClose:
      return after.measured_opening_m < kEmptyOpening_m ? 1.0f : 0.0f;
    case ActionKind::kMove:
      return after.height_m - TargetOf(before, action, task).height_m > kBlockedDescent_m ? 1.0f
                                                                                          : 0.0f;
    case ActionKind::kOpen:
    case ActionKind::kTerminate:
      break;
  }
  return fruitless;
}

bool RuleTerminates(const GripperState& gripper, const Action& action, const TaskConfig& task) {
  return gripper.opening < 0.5f && gripper.height_m > task.terminate_height_m &&
         action.Kind() == ActionKind::kMove && action.dz_m > 0;
}

}  // namespace qt
