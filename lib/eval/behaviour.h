// SPDX-License-Identifier: Apache-2.0
// What an episode's steps show of the paper's behaviours (section 6.3, appendix A): regrasps, slips
// and pushes, from the gripper's recorded states and the actions.
#pragma once

#include "mdp/episode.h"
#include "mdp/task.h"

namespace qt::eval {

// A push happens this low at most, over this way at least, and is blocked if it ends this much
// short of where it was sent.
inline constexpr double kPushHeight_m = 0.05, kPushTravel_m = 0.02, kPushBlocked_m = 0.01;

// Counts of one episode. What formats/report/SPEC.md, section "Behaviours", defines.
struct Behaviour {
  int closes = 0;    // commanded while the gripper was open
  int regrasps = 0;  // of those, all but the first
  int slips = 0;     // something was between the closed pads, and then nothing, without an open
  int pushes = 0;    // before the last close
};
Behaviour BehaviourOf(const Episode& episode, const TaskConfig& task);

}  // namespace qt::eval
