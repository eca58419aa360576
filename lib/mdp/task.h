// The task qt-bin/1: bounds, horizon and reward of the grasping MDP (docs/CONVENTIONS.md).
#pragma once

#include <cstdint>

#include "mdp/action.h"
#include "mdp/observation.h"

namespace qt {

inline constexpr char kTaskName[] = "qt-bin/1";

// Who ends an episode before the step limit (paper App. D.4).
enum class Termination : uint8_t {
  kRule,     // the scripted rule: closed, above terminate_height_m, and commanded further up
  kLearned,  // the action's terminate number (the rule does not apply)
};

struct TaskConfig {
  // Bounds of one action. The paper's figure 11 shows single steps of 0.2-0.3 m: a coarse action
  // space of few steps an episode.
  double max_dxy_m = 0.10;
  double max_dz_m = 0.16;
  double max_dyaw_rad = 1.5707963267948966;
  // Where the gripper may be (centre of the finger tips).
  double workspace_xy_m = 0.105;  // |x|, |y|
  double min_height_m = 0.008;
  double max_height_m = 0.20;
  int max_steps = 20;                // paper section 5
  double step_reward = -0.05;        // paper section 5, every step but the last
  double discount = 0.9;             // paper table 7
  double terminate_height_m = 0.13;  // paper algorithm 2
  Termination termination = Termination::kRule;
};

// Clips every number to its bounds and makes (sin, cos) a unit vector within max_dyaw_rad; flags
// become 0 or 1, at most one of them set. Non-finite numbers become 0.
Action ClipAction(const Action& action, const TaskConfig& task);

// The gripper pose that a motion commands: current pose plus displacement, clipped to the
// workspace.
struct GripperTarget {
  double x_m, y_m, height_m, yaw_rad;
};
GripperTarget TargetOf(const GripperState& gripper, const Action& action, const TaskConfig& task);

// Pads closer than this hold nothing: graspable parts are 12 mm and more.
inline constexpr double kEmptyOpening_m = 0.002;

// A descent that ends this much above its target was blocked.
inline constexpr double kBlockedDescent_m = 0.03;

// Observation::fruitless after an action that was taken with the value `fruitless` and took the
// gripper from `before` to `after`. 0 at the start of an episode.
float NextFruitless(float fruitless, const Action& action, const GripperState& before,
                    const GripperState& after, const TaskConfig& task);

// The scripted termination rule (paper algorithm 2): the gripper is closed, its height above the
// threshold, and it is commanded further up.
bool RuleTerminates(const GripperState& gripper, const Action& action, const TaskConfig& task);

}  // namespace qt
