// SPDX-License-Identifier: Apache-2.0
// Would qt-serve gain from scoring several requests in one pass of the network? Time a state of the
// tower and of the head (64 candidates a state) by the number of states in a batch, on one thread,
// as a ratio to one state at a time in the same run, and whether a state's numbers keep every bit
// in company. Prints one line of JSON for each batch size.
// Usage: bench_serve_batching [SECONDS] [SIZE_PX]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "qnet/model.h"
#include "qnet/network.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int64_t kCandidates = 64, kMaxBatch = 16;

struct States {
  torch::Tensor image_BCHW, grid_BAK2, scalars_BAS;
  States First(int64_t begin, int64_t n) const {
    return {image_BCHW.narrow(0, begin, n), grid_BAK2.narrow(0, begin, n),
            scalars_BAS.narrow(0, begin, n)};
  }
};

States RandomStates(const qt::qnet::NetworkConfig& config) {
  const torch::Tensor image_BHWC =
      torch::rand({kMaxBatch, config.image_height_px, config.image_width_px, 3}).sub_(0.5);
  return {image_BHWC.permute({0, 3, 1, 2}),
          torch::rand({kMaxBatch, kCandidates, qt::qnet::kNumPoints, 2}).mul_(2).sub_(1),
          torch::randn({kMaxBatch, kCandidates, qt::qnet::kNumScalars})};
}

// Both rounds of the search.
torch::Tensor Head(const qt::qnet::NetworkPtr& net, const qt::qnet::Features& features,
                   const States& states) {
  net->Head(features, states.grid_BAK2, states.scalars_BAS);
  return net->Head(features, states.grid_BAK2, states.scalars_BAS);
}

double SecondsOf(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Microseconds a state; the fastest of all, which other programs disturb least.
struct Figures {
  double tower_us = 1e12, head_us = 1e12;
  bool same_bits = true;
};

Figures Measure(const qt::qnet::NetworkPtr& net, const States& all, int64_t batch, double seconds) {
  Figures figures;
  const States states = all.First(0, batch);
  qt::qnet::Features features;
  torch::Tensor q_BA;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    const double tower_s = SecondsOf([&] { features = net->Tower(states.image_BCHW); });
    const double head_s = SecondsOf([&] { q_BA = Head(net, features, states); });
    figures.tower_us = std::min(figures.tower_us, 1e6 * tower_s / double(batch));
    figures.head_us = std::min(figures.head_us, 1e6 * head_s / double(batch));
  }
  for (int64_t i = 0; i < batch; ++i) {
    const States one = all.First(i, 1);
    const torch::Tensor alone_1A = Head(net, net->Tower(one.image_BCHW), one);
    figures.same_bits = figures.same_bits && torch::equal(alone_1A[0], q_BA[i]);
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  qt::qnet::NetworkConfig config;
  if (argc > 2) config.image_width_px = config.image_height_px = std::atoi(argv[2]);
  qt::qnet::SetComputeThreads(1);
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  const qt::qnet::NetworkPtr net = qt::qnet::MakeNetwork(config);
  net->eval();
  const States states = RandomStates(config);
  Figures alone;
  for (int64_t batch = 1; batch <= kMaxBatch; batch *= 2) {
    const Figures figures = Measure(net, states, batch, seconds);
    if (batch == 1) alone = figures;
    const double ratio = (figures.tower_us + figures.head_us) / (alone.tower_us + alone.head_us);
    std::printf(
        "{\"batch\": %d, \"tower_us\": %.0f, \"head_us\": %.0f, \"over_one\": %.3f, "
        "\"same_bits\": %s}\n",
        int(batch), figures.tower_us, figures.head_us, ratio, figures.same_bits ? "true" : "false");
  }
}
