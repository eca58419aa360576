// SPDX-License-Identifier: Apache-2.0
// A world for tests of the trainer: two kinds of images, and closing is right on one of them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "image/image.h"
#include "json/settings.h"
#include "qnet/model.h"
#include "support/temp_dir.h"
#include "train/train_loop.h"
#include "train/updater.h"

namespace qt::train {

inline constexpr int kSize_px = 16;

inline CameraModel Camera() {
  CameraModel camera{.width_px = kSize_px,
                     .height_px = kSize_px,
                     .fx_px = 25,
                     .fy_px = 25,
                     .cx_px = 7.5,
                     .cy_px = 7.5,
                     .X_WC = {}};
  camera.X_WC = {{0, 0, 0.6}, FromMatrix({{{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}})};
  return camera;
}

// Two steps: a small move, then close, which ends it. Bright images succeed, dark ones fail.
inline Episode TwoSteps(int index) {
  const bool success = index % 2 == 0;
  Episode episode;
  episode.id = "episode-" + std::to_string(index);
  RandomStream rng(7, "image", static_cast<uint64_t>(index));
  for (int t = 0; t < 2; ++t) {
    Step step;
    std::vector<uint8_t> rgb(3 * kSize_px * kSize_px);
    for (uint8_t& value : rgb) value = static_cast<uint8_t>((success ? 180 : 40) + rng.Below(20));
    step.observation.image = EncodeRaw({kSize_px, kSize_px, std::move(rgb)});
    step.observation.camera = Camera();
    step.observation.gripper.height_m = t == 0 ? 0.1f : 0.02f;
    step.observation.step = static_cast<uint32_t>(t);
    step.action = t == 0 ? Action::Move(0, 0, -0.08, 0) : Action::Close();
    episode.steps.push_back(step);
  }
  episode.steps.back().is_terminal = true;
  Label label;
  label.success = success;
  label.reward = Rewards(success, 2, -0.05);
  episode.labels.push_back(label);
  return episode;
}

inline TrainConfig SmallConfig() {
  TrainConfig config;
  config.network.image_width_px = config.network.image_height_px = kSize_px;
  config.network.tower_channels = 8;
  config.network.head_width = config.network.head_width2 = 16;
  config.batch_size = 8;
  config.targets_per_step = 4;
  config.train_buffer_size = 64;
  config.lag_steps = 8;
  config.target_refresh_steps = 4;
  config.polyak = 0.9;
  config.target_cem = {.num_samples = 8, .num_elites = 2, .num_iterations = 1};
  config.learning_rate = 3e-3;
  config.return_floor_steps = 0;
  config.seed = 3;
  return config;
}

// Built step by step: GCC 12 warns wrongly about nested initialiser lists of shared pointers.
inline std::vector<TargetedState> StatesOf(
    const replay::EpisodePtr& episode,
    const std::vector<std::vector<TargetedAction>>& actions_of_step) {
  std::vector<TargetedState> states;
  for (size_t t = 0; t < actions_of_step.size(); ++t) {
    TargetedState state;
    state.sample.episode = episode;
    state.sample.t = static_cast<uint32_t>(t);
    state.actions = actions_of_step[t];
    states.push_back(std::move(state));
  }
  return states;
}

class TrainTest : public ::testing::Test {
 protected:
  TrainTest() : replay_(1 << 28) {
    qnet::SetComputeThreads(1);
    for (int i = 0; i < 16; ++i) {
      replay_.Add(*replay::MakeReplayEpisode(TwoSteps(i), "", TaskConfig()));
    }
  }

  // Starts the run of this name, or goes on with it.
  Result<LoopSummary> Train(const std::string& name, const LoopOptions& options,
                            const TrainConfig& config) {
    const std::string path = dir_.path() + "/" + name;
    auto folder = std::filesystem::exists(path + "/config.json")
                      ? RunFolder::Resume(path)
                      : RunFolder::Create(path, json::Write(config), false);
    if (!folder.ok()) return folder.status();
    return RunTraining(config, options, replay_, **folder);
  }

  Result<LoopSummary> Train(const std::string& name, int64_t steps, const TrainConfig& config) {
    LoopOptions options;
    options.config.steps = steps;
    options.config.log_steps = 5;
    return Train(name, options, config);
  }

  std::string Read(const std::string& path) { return *ReadWholeFile(dir_.path() + "/" + path); }

  TempDir dir_;
  replay::ReplayBuffer replay_;
};

}  // namespace qt::train
