// Speed of the learning: gradient steps against their FLOP floor, at the GEMM peak that is measured
// in the same run, and Bellman targets a second. One thread. Prints one line of JSON.
// Usage: bench_train_speed [STEPS] [BATCH]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "image/image.h"
#include "qnet/model.h"
#include "train/batch.h"
#include "train/learner.h"
#include "train/updater.h"

namespace {

using qt::train::LabelledState;
using Clock = std::chrono::steady_clock;

double Since_s(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The best of several products of 1024 x 1024 matrices, in multiply-accumulates a second.
double GemmPeak_macps() {
  const torch::Tensor a = torch::rand({1024, 1024}), b = torch::rand({1024, 1024});
  double best = 0;
  for (int i = 0; i < 12; ++i) {
    const auto start = Clock::now();
    const torch::Tensor c = torch::mm(a, b);
    best = std::max(best, 1024.0 * 1024 * 1024 / Since_s(start));
  }
  return best;
}

// Multiply-accumulates of the tower for one image and of the head for one action, counted from the
// weights: a convolution uses each weight once per output pixel.
struct Macs {
  double tower = 0, head = 0;
};
Macs CountMacs(const qt::train::TrainConfig& config) {
  const qt::qnet::NetworkPtr net = qt::qnet::MakeNetwork(config.network);
  const double pixels = double(config.network.image_width_px) * config.network.image_height_px;
  Macs macs;
  for (const auto& item : net->named_parameters()) {
    const double weights = double(item.value().numel());
    if (item.key() == "conv1.weight") macs.tower += weights * pixels / 4;
    if (item.key() == "conv2.weight" || item.key() == "conv3.weight" ||
        item.key() == "conv4.weight") {
      macs.tower += weights * pixels / 16;
    }
    if (item.key().starts_with("linear") && item.key().ends_with("weight")) macs.head += weights;
  }
  return macs;
}

// An episode of noise: speed does not depend on what is in the pictures.
qt::replay::EpisodePtr NoiseEpisode(int size_px) {
  qt::RandomStream rng(1);
  auto episode = std::make_shared<qt::replay::ReplayEpisode>();
  for (uint32_t t = 0; t < 5; ++t) {
    qt::Observation observation;
    std::vector<uint8_t> rgb(size_t(size_px) * size_px * 3);
    for (uint8_t& value : rgb) value = uint8_t(rng.Next());
    observation.image = qt::EncodeRaw({size_px, size_px, std::move(rgb)});
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
    episode->observations.push_back(observation);
    episode->actions.push_back(t < 4 ? qt::Action::Close() : qt::Action::Open());
    episode->rewards.push_back(0);
    episode->returns.push_back(0);
  }
  return episode;
}

}  // namespace

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 100;
  qt::train::TrainConfig config;
  if (argc > 2) config.batch_size = std::atoi(argv[2]);
  qt::qnet::SetComputeThreads(1);
  qt::train::Learner learner(config);
  const auto episode = NoiseEpisode(config.network.image_width_px);
  qt::RandomStream rng(2);
  std::vector<LabelledState> states(size_t(config.batch_size));
  for (LabelledState& state : states) {
    state.sample = {episode, 0};
    for (int a = 0; a < config.actions; ++a) {
      state.actions.push_back({qt::Action::Move(rng.Uniform(-0.1, 0.1), 0, 0, 0), 0.3f});
    }
  }
  const double peak = GemmPeak_macps();
  double batch_s = 0, gradient_s = 0;
  for (int i = -5; i < steps; ++i) {
    const auto start = Clock::now();
    const qt::train::Batch batch = qt::train::MakeBatch(states, config, rng);
    const double made_s = Since_s(start);
    if (!learner.Step(batch).ok()) return 1;
    if (i < 0) continue;  // warm-up
    batch_s += made_s;
    gradient_s += Since_s(start) - made_s;
  }
  const auto start = Clock::now();
  const int targets = 2 * steps;
  for (int i = 0; i < targets; ++i) {
    if (!LabelState({episode, 0}, learner.targets(), config, 0, rng).ok()) return 1;
  }
  const double target_s = Since_s(start) / targets;
  const Macs macs = CountMacs(config);
  // Forward, and backward to weights and to inputs; nothing flows back into the image.
  const double step_macs = 3 * config.batch_size * (macs.tower + config.actions * macs.head);
  const double floor_s = step_macs / peak, step_s = (batch_s + gradient_s) / steps;
  const double target_macs =
      2 * macs.tower +
      (config.target_cem.num_samples * config.target_cem.num_iterations + 1) * macs.head;
  std::printf(
      "{\"gemm_gflops\": %.1f, \"batch\": %d, \"actions\": %d, \"step_ms\": %.1f, "
      "\"step_floor_ms\": %.1f, \"step_over_floor\": %.2f, \"batch_share\": %.3f, "
      "\"steps_per_s\": %.2f, \"targets_per_s\": %.0f, \"target_over_floor\": %.2f}\n",
      2 * peak / 1e9, config.batch_size, config.actions, step_s * 1e3, floor_s * 1e3,
      step_s / floor_s, batch_s / (batch_s + gradient_s), 1 / step_s, 1 / target_s,
      target_s / (target_macs / peak));
  return 0;
}
