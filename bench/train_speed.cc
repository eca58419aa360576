// SPDX-License-Identifier: Apache-2.0
// Speed of the learning: gradient steps against their FLOP floor, at the peak of products and
// convolutions that is measured in the same run, and Bellman targets a second. One thread; times
// are of the processor. Prints one line of JSON.
// Usage: bench_train_speed [STEPS] [BATCH] [aligned|grasping44]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "cpu_clock.h"
#include "flops.h"
#include "image/image.h"
#include "qnet/model.h"
#include "train/batch.h"
#include "train/learner.h"
#include "train/updater.h"

namespace {

using qt::train::TargetedState;
using qt::train::TrainConfig;

// An episode of noise: speed does not depend on what is in the pictures.
qt::replay::EpisodePtr NoiseEpisode(int size_px) {
  qt::RandomStream rng(1);
  auto episode = std::make_shared<qt::replay::ReplayEpisode>();
  for (uint32_t t = 0; t < 5; ++t) {
    qt::ObservedState observation;
    std::vector<uint8_t> rgb(size_t(size_px) * size_px * 3);
    for (uint8_t& value : rgb) value = uint8_t(rng.Next());
    episode->images.push_back({size_px, size_px, std::move(rgb)});
    observation.camera = {
        .width_px = size_px,
        .height_px = size_px,
        .fx_px = 1.5 * size_px,
        .fy_px = 1.5 * size_px,
        .cx_px = size_px / 2.0,
        .cy_px = size_px / 2.0,
        .X_WC = {{0, 0, 0.6}, qt::FromMatrix({{{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}})}};
    observation.gripper.height_m = 0.1f;
    observation.step = t;
    episode->states.push_back(observation);
    episode->actions.push_back(t < 4 ? qt::Action::Close() : qt::Action::Open());
    episode->rewards.push_back(0);
    episode->returns.push_back(0);
  }
  return episode;
}

std::vector<TargetedState> NoiseStates(const TrainConfig& config,
                                       const qt::replay::EpisodePtr& episode,
                                       qt::RandomStream& rng) {
  std::vector<TargetedState> states(size_t(config.batch_size));
  for (TargetedState& state : states) {
    state.sample = {episode, 0};
    for (int a = 0; a < config.actions; ++a) {
      state.actions.push_back({qt::Action::Move(rng.Uniform(-0.1, 0.1), 0, 0, 0), 0.3f});
    }
  }
  return states;
}

}  // namespace

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 100;
  TrainConfig config;
  if (argc > 2) config.batch_size = std::atoi(argv[2]);
  const bool is_paper = argc > 3 && std::string(argv[3]) == "grasping44";
  if (is_paper) {
    config.network.architecture = *qt::qnet::ArchitectureName::Parse("grasping44");
    config.network.image_width_px = config.network.image_height_px = 472;
    config.optimizer = qt::train::OptimizerKind::kSgd;
    config.actions = 1;
  }
  qt::qnet::SetComputeThreads(1);
  qt::qnet::KeepFreedMemory();
  qt::train::Learner learner(config);
  const auto episode = NoiseEpisode(config.network.image_width_px);
  qt::RandomStream rng(2);
  const std::vector<TargetedState> states = NoiseStates(config, episode, rng);
  const double gemm = GemmPeak_macps(), conv = ConvPeak_macps(), peak = std::max(gemm, conv);
  const int warm_up = is_paper ? 1 : 5;
  double batch_s = 0, gradient_s = 0;
  for (int i = -warm_up; i < steps; ++i) {
    const double start = Cpu_s();
    const qt::train::Batch batch = qt::train::MakeBatch(states, config, rng);
    const double made_s = Cpu_s() - start;
    if (!learner.Step(batch).ok()) return 1;
    if (i < 0) continue;
    batch_s += made_s;
    gradient_s += Cpu_s() - start - made_s;
  }
  const double start = Cpu_s();
  const int targets = 2 * steps;
  qt::train::TargetMaker maker(learner.targets(), config, 0);
  for (int i = 1; i <= targets; ++i) {
    maker.Add({episode, 0}, rng);
    if (maker.has_enough() || i == targets) {
      if (!maker.Make().ok()) return 1;
    }
  }
  const double target_s = (Cpu_s() - start) / targets;
  const Macs macs = is_paper ? PaperMacs() : CompactMacs(config.network);
  // Forward, and backward to weights and to inputs.
  const double step_macs =
      config.batch_size *
      (2 * macs.first + 3 * (macs.tower + macs.per_call + config.actions * macs.per_action));
  const double floor_s = step_macs / peak, step_s = (batch_s + gradient_s) / steps;
  const int rounds = config.target_cem.num_iterations;
  const double target_macs = 2 * (macs.first + macs.tower) + (rounds + 1) * macs.per_call +
                             (config.target_cem.num_samples * rounds + 1) * macs.per_action;
  std::printf(
      "{\"architecture\": \"%s\", \"gemm_gflops\": %.1f, \"conv_gflops\": %.1f, \"batch\": %d, "
      "\"actions\": %d, \"step_ms\": %.1f, \"step_floor_ms\": %.1f, \"step_over_floor\": %.2f, "
      "\"batch_share\": %.3f, \"steps_per_s\": %.2f, \"targets_per_s\": %.1f, "
      "\"target_over_floor\": %.2f}\n",
      config.network.architecture->name, 2 * gemm / 1e9, 2 * conv / 1e9, config.batch_size,
      config.actions, step_s * 1e3, floor_s * 1e3, step_s / floor_s,
      batch_s / (batch_s + gradient_s), 1 / step_s, 1 / target_s, target_s / (target_macs / peak));
  return 0;
}
