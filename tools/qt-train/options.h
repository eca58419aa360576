// SPDX-License-Identifier: Apache-2.0
// What qt-train can be told: the flag table and the struct it fills.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "json/json.h"
#include "train/initial_weights.h"
#include "train/run_config.h"

namespace qt::train {

// kCompact: for this machine's size. kPaper: the paper's throughout.
enum class Profile : uint8_t { kCompact, kPaper };
constexpr auto NamesOf(Profile) { return std::array{"compact", "paper"}; }

// The run that --resume goes on with.
struct Resumed {
  Json file;  // config.json
  RunConfig config;
};

struct Options {
  std::vector<std::string> inputs;  // what EPISODES names
  std::vector<std::string> spools;
  std::string output;
  bool resume = false;
  std::string like;  // a run folder
  bool follow = false;
  Profile profile = Profile::kCompact;
  std::optional<qnet::ArchitectureName> merge;  // an older name of --architecture
  RunConfig run;  // with --resume and --like, that run's settings unless a flag says otherwise
  std::optional<Result<Resumed>> resumed;      // with --resume
  std::optional<Result<InitialWeights>> init;  // with --init, of a new run
  Status like_read;                            // with --like
};

cli::FlagTable Describe(Options* options);
// The settings of the run; the sizes of the network's image come from the data (FitImages).
RunConfig ConfigOf(const Options& options);
// Completes a new run's for recorded images of this size, all of them or a crop; fails if the
// network cannot be built for that. Fails for a resumed run, or weights to begin with, that have
// learned from others.
Status FitImages(const Options& options, int width_px, int height_px, TrainConfig& config);
// All that is to be read; empty: stdin.
std::vector<std::string> InputsOf(const Options& options);

}  // namespace qt::train
