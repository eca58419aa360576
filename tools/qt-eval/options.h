// What qt-eval can be told: the flag table and the struct it fills.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "eval/evaluation.h"
#include "eval/report.h"
#include "sim/sim_robot.h"

namespace qt::eval {

struct Options {
  std::vector<std::string> policy;  // one; with --protocol ablate and offline several
  std::string against, cem;
  std::vector<std::string> vary;  // protocol ablate
  std::string protocol = "grasp";
  uint64_t num_episodes = 0;                      // 0: as suits the rest, see NumAttempts
  int bins = 5, attempts = 30, bin_objects = 28;  // protocol bin
  sim::SceneConfig scene{.objects = "test"};
  bool shadows = false;
  uint64_t seed = 0;
  int num_envs = 0;  // 0: one for each core
  double confidence = 0.95;
  std::vector<std::string> logged;        // protocol offline
  std::string measured, label;            // likewise
  std::string until, sprt;                // empty: no rule
  std::string require;                    // empty: no gate
  std::string episodes;                   // empty: no lines
  std::string record;                     // empty: no file
  std::string report, run, sheet, video;  // likewise
};

cli::FlagTable Describe(Options* options);

// The most that are made of each policy.
uint64_t NumAttempts(const Options& options);

// One of the settings that --vary asks for, and the options under it.
struct Varied {
  std::string setting;  // empty without --vary
  Options options;
};
Result<std::vector<Varied>> SettingsOf(const Options& options);

// Task and image size are the policy's.
sim::SceneConfig WorldOf(const Options& options);

// What the flags ask for. REQUIRES: the table's checks have passed.
EvaluationConfig EvaluationOf(const Options& options);
Report EmptyReport(const Options& options);

}  // namespace qt::eval
