// SPDX-License-Identifier: Apache-2.0
// What qt-collect can be told: the flag table and the struct it fills.
#pragma once

#include <cstdint>
#include <string>

#include "cli/flag_table.h"
#include "policy/policy_spec.h"
#include "robot/remote_robot.h"
#include "rollout/collector.h"
#include "sim/scene_config.h"

namespace qt::collect {

inline constexpr int64_t kLatest_s = 9'000'000'000;  // stamps count nanoseconds, in 63 bits

struct Options {
  uint64_t num_episodes = 0;  // 0: 100, or with --follow without end
  bool follow = false;
  uint64_t episodes_per_file = 0;  // 0: all in one, or with --follow 10
  std::string output = "-";
  policy::PolicySpec policy;
  rollout::CollectorConfig collect{.num_envs = 0};
  sim::SceneConfig scene{.gripper_view = true};
  std::string preview;        // collect nothing: draw the objects into this PNG
  int64_t seed = -1;          // negative: a fresh one
  int64_t start_time_s = -1;  // -1: see StartTime_s in main.cc
  robot::RobotSpec robot;
  robot::RemoteRobotConfig driver;  // of --robot exec:COMMAND
  bool serve_robot = false;
  std::string check_robot;  // collect nothing: try whether this driver keeps the protocol
};

cli::FlagTable Describe(Options* options);

// How many episodes are wanted, and how many go into a file; for "all" a number that is never
// reached.
uint64_t NumEpisodes(const Options& options);
uint64_t EpisodesPerFile(const Options& options);

}  // namespace qt::collect
