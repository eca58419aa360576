// What qt-collect can be told: the flag table and the struct it fills.
#pragma once

#include <cstdint>
#include <string>

#include "cli/flag_table.h"
#include "sim/scene_config.h"

namespace qt::collect {

struct Options {
  uint64_t num_episodes = 0;  // 0: 100, or with --follow without end
  bool follow = false;
  uint64_t episodes_per_file = 0;  // 0: all in one, or with --follow 10
  std::string output = "-";
  std::string policy = "scripted";
  double epsilon = 0;
  std::string preview;  // collect nothing: draw the objects into this PNG
  sim::SceneConfig scene{.gripper_view = true};
  int swap_every = 10;
  int num_envs = 0;           // 0: one for each core; one driver with --robot exec:
  int64_t seed = -1;          // negative: a fresh one
  int64_t start_time_s = -1;  // negative: see StartStamp in run.cc
  std::string robot = "sim";
  double robot_timeout_s = 30, robot_backoff_s = 1;
  int robot_retries = 5;
  bool serve_robot = false;
  bool label_truth = true;
};

cli::FlagTable Describe(Options* options);

// How many episodes are wanted, and how many go into a file; for "all" a number that is never
// reached.
uint64_t NumEpisodes(const Options& options);
uint64_t EpisodesPerFile(const Options& options);

// The command behind --robot exec:COMMAND; "" for the simulator.
std::string DriverCommand(const Options& options);

// A command that gives the same episodes again: what was typed, without what cannot change them
// (output, number of environments), and with the seed that was drawn.
std::string ReproducingCommand(const Options& options);

}  // namespace qt::collect
