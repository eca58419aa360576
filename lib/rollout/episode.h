// SPDX-License-Identifier: Apache-2.0
// One episode = robot x policy (paper algorithm 1). Runs in the caller's thread, on any robot and
// with any policy.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/task.h"
#include "policy/policy.h"
#include "robot/robot.h"

namespace qt::rollout {

// Source of the simulator's own verdict among an episode's labels.
inline constexpr char kTruthSource[] = "sim";

// What the episode is called and belongs to; copied into it.
struct EpisodeInfo {
  std::string id;
  std::string run_id;
  uint32_t index = 0;
  float exploration = 0;
  std::string tool;
  bool label_truth = true;  // record the robot's own verdict, if it has one, as a label
};

// Runs one episode: T observations and T actions, clipped to the task's bounds. The action that
// ends it (terminate, or the one that fulfils the scripted rule) is recorded and not executed; at
// the step limit the last action is executed and is_terminal stays false. All randomness derives
// from `seed`. Fails as the robot or the policy does; with kInterrupted once `stop` (may be null)
// is set.
Result<Episode> RunEpisode(robot::Robot& robot, Policy& policy, const TaskConfig& task,
                           const EpisodeInfo& info, uint64_t seed, const std::atomic<bool>* stop);

}  // namespace qt::rollout
