// SPDX-License-Identifier: Apache-2.0
// The task qt-bin/1: bounds, horizon and reward of the grasping MDP (docs/CONVENTIONS.md).
#pragma once

#include <array>
#include <cstdint>

#include "base/setting.h"
#include "mdp/action.h"
#include "mdp/observation.h"

namespace qt {

// There is one; a file of another is refused.
enum class TaskName : uint8_t { kBin1 };
constexpr auto NamesOf(TaskName) { return std::array{"qt-bin/1"}; }

// Who ends an episode before the step limit (paper App. D.4).
enum class Termination : uint8_t {
  kRule,     // the scripted rule: closed, above terminate_height_m, and commanded further up
  kLearned,  // the action's terminate number (the rule does not apply)
};
constexpr auto NamesOf(Termination) { return std::array{"rule", "learned"}; }

struct TaskConfig {
  TaskName name = TaskName::kBin1;
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

// The keys of a task in every format.
template <class V>
void Visit(V&& visit, TaskConfig& c) {
  visit("name", c.name, {"NAME", "the task"});
  visit("max_dxy_m", c.max_dxy_m, {"M", "most that one action moves along x and along y"});
  visit("max_dz_m", c.max_dz_m, {"M", "most that one action moves up or down"});
  visit("max_dyaw_rad", c.max_dyaw_rad, {"RAD", "most that one action turns"});
  visit("workspace_xy_m", c.workspace_xy_m,
        {"M", "where the finger tips may be: largest |x|, |y|"});
  visit("min_height_m", c.min_height_m, {"M", "lowest height of the finger tips"});
  visit("max_height_m", c.max_height_m, {"M", "greatest height of the finger tips"});
  visit("max_steps", c.max_steps, {"N", "step limit of an episode", 1, 1000});
  visit("step_reward", c.step_reward, {"R", "reward of every step but the last"});
  visit("discount", c.discount, {"G", "discount of a step", 0, 1});
  visit("terminate_height_m", c.terminate_height_m, {"M", "height above which the rule may end"});
  visit("termination", c.termination,
        {"WHO", "what ends an episode: the scripted rule or the policy's terminate action"});
}

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
