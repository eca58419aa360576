// What qt-eval can be told: the flag table and the struct it fills.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "eval/evaluation.h"
#include "eval/report.h"
#include "sim/families.h"
#include "sim/world.h"

namespace qt::eval {

struct Options {
  std::vector<std::string> policy;  // one; with --protocol ablate and offline several
  std::string against, cem;
  std::vector<std::string> vary;  // protocol ablate
  std::string protocol = "grasp";
  uint64_t num_episodes = 0;                      // 0: as suits the rest, see NumAttempts
  int bins = 5, attempts = 30, bin_objects = 28;  // protocol bin
  double object_scale = 1;
  bool fit_objects = false;
  std::shared_ptr<const sim::ObjectLibrary> library;  // of a folder; no flag: Run opens it
  std::string objects = "test";
  int min_objects = 4, max_objects = 10;
  std::string camera = "shoulder";
  double camera_jitter = 0;
  double camera_noise = 0;
  std::string looks = "auto";
  bool shadows = false;
  std::string arm = "none";
  std::string disturb = "none";
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
sim::WorldConfig WorldOf(const Options& options);

// What the flags ask for. REQUIRES: the table's checks have passed.
EvaluationConfig EvaluationOf(const Options& options);
Report EmptyReport(const Options& options);

}  // namespace qt::eval
