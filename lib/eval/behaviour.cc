// SPDX-License-Identifier: Apache-2.0
#include "eval/behaviour.h"

#include <algorithm>
#include <cmath>

namespace qt::eval {
namespace {

bool IsClosed(const GripperState& gripper) { return gripper.opening < 0.5f; }
bool IsEmpty(const GripperState& gripper) { return gripper.measured_opening_m < kEmptyOpening_m; }
bool Holds(const GripperState& gripper) { return IsClosed(gripper) && !IsEmpty(gripper); }

// A low way to the side, made with the closed, empty gripper, or stopped by what lies there.
bool IsPush(const Action& action, const GripperState& before, const GripperState& after,
            const TaskConfig& task) {
  if (action.Kind() != ActionKind::kMove || Holds(before)) return false;
  if (std::max(before.height_m, after.height_m) > kPushHeight_m) return false;
  const GripperTarget target = TargetOf(before, action, task);
  const double wanted_m = std::hypot(target.x_m - before.x_m, target.y_m - before.y_m);
  if (wanted_m < kPushTravel_m) return false;
  const double made_m = std::hypot(after.x_m - before.x_m, after.y_m - before.y_m);
  const double missing_m = std::hypot(target.x_m - after.x_m, target.y_m - after.y_m);
  return missing_m >= kPushBlocked_m || (IsClosed(before) && made_m >= kPushTravel_m);
}

}  // namespace

Behaviour BehaviourOf(const Episode& episode, const TaskConfig& task) {
  Behaviour seen;
  int pushes = 0;  // since the last close
  for (size_t i = 0; i < episode.steps.size(); ++i) {
    const Step& step = episode.steps[i];
    if (step.is_terminal) break;  // was not executed
    const bool is_last = i + 1 == episode.steps.size();
    const GripperState& before = step.observation.gripper;
    const GripperState& after =
        is_last ? episode.final_gripper : episode.steps[i + 1].observation.gripper;
    if (step.action.Kind() == ActionKind::kClose && !IsClosed(before)) {
      seen.regrasps += seen.closes > 0;
      ++seen.closes;
      seen.pushes += pushes;
      pushes = 0;
    }
    seen.slips += Holds(before) && IsClosed(after) && IsEmpty(after);
    pushes += IsPush(step.action, before, after, task);
  }
  return seen;
}

}  // namespace qt::eval
