// Flags of qt-train.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "train/held_out.h"
#include "train/train_config.h"

namespace qt::train {

struct Options {
  std::vector<std::string> inputs;  // what EPISODES names
  std::vector<std::string> spools;
  std::string output;
  bool resume = false;
  bool follow = false;
  int64_t steps = 1000;
  int64_t checkpoint_steps = 1000;
  int64_t log_steps = 50;
  int64_t publish_policy_steps = 0;
  double publish_policy_seconds = 60;
  HeldOutConfig held_out;
  int keep = 3;
  int threads = 1;
  std::string replay_bytes = "4G";

  // As text, parsed into `config` by MakeConfig.
  std::string target_cem = "64/6/2";
  std::string act_cem = "64/6/4";  // searches better than the paper's 64/6/2 (docs/PAPER.md)
  std::string termination = "rule";
  std::string state_input = "full";
  std::string merge = "aligned";
  std::string profile = "compact";
  std::string architecture = "aligned";
  std::string optimizer = "adamw";
  std::string device = "auto";
  int crop_px = 0;
  std::string targets = "bellman";
  std::string step_reward;
  TrainConfig config;
};

cli::FlagTable Describe(Options* options);
// The configuration that the flags ask for; the image size comes from the data (FitImages).
Result<TrainConfig> MakeConfig(const Options& options);
// Completes it for recorded images of this size: all of them, or a crop. Fails if the network
// cannot be built for that.
Status FitImages(const Options& options, int width_px, int height_px, TrainConfig& config);
// All that is to be read; empty: stdin.
std::vector<std::string> InputsOf(const Options& options);
// "512M", "4G", "1000000".
Result<uint64_t> ParseBytes(const std::string& text);

}  // namespace qt::train
