// SPDX-License-Identifier: Apache-2.0
// The floor of arithmetic: multiply-accumulates of the networks, and how many of them this machine
// does in a second. For the benchmarks that give times as ratios to it; includes LibTorch.
#pragma once

#include <algorithm>

#include "cpu_clock.h"
#include "qnet/network.h"

template <typename Work>
double Best_s(int times, const Work& work) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    const double start = Cpu_s();
    work();
    best = std::min(best, Cpu_s() - start);
  }
  return best;
}

// Multiply-accumulates a second: the best of products of 1024 x 1024 matrices.
inline double GemmPeak_macps() {
  const torch::Tensor a = torch::rand({1024, 1024}), b = torch::rand({1024, 1024});
  return 1024.0 * 1024 * 1024 / Best_s(12, [&] { torch::mm(a, b); });
}

// The same of a convolution of 64 channels as `grasping44` has it behind the merge.
inline double ConvPeak_macps() {
  const torch::Tensor x =
      torch::rand({16, 64, 27, 27}).contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor weight = torch::rand({64, 64, 3, 3});
  const torch::NoGradGuard no_grad;
  return 16 * 27.0 * 27 * double(weight.numel()) /
         Best_s(12, [&] { torch::conv2d(x, weight, {}, 1, 1); });
}

// Multiply-accumulates that depend on the image alone (the first layer apart: nothing flows back
// from it into the image), once per state and call of the head, and once per candidate action.
struct Macs {
  double first = 0, tower = 0, per_call = 0, per_action = 0;
};

inline Macs CompactMacs(const qt::qnet::NetworkConfig& config) {
  const auto net = qt::qnet::MakeNetwork(config);
  const double pixels = double(config.image_width_px) * config.image_height_px;
  Macs macs;
  for (const auto& item : net->named_parameters()) {
    const double weights = double(item.value().numel());
    if (!item.key().ends_with("weight") || item.value().dim() < 2) continue;
    if (item.key() == "conv1.weight") {
      macs.first = weights * pixels / 4;
    } else if (item.key().starts_with("conv")) {
      macs.tower += weights * pixels / 16;
    } else {
      macs.per_action += weights;
    }
  }
  return macs;
}

// docs/PAPER.md has the sides of the maps at 472 pixels.
inline Macs PaperMacs() {
  const double conv5 = 25 * 64 * 64, conv3 = 9 * 64 * 64;
  return {36.0 * 3 * 64 * 236 * 236, 6 * conv5 * 79 * 79, conv3 * 27 * 27,
          5 * conv3 * 27 * 27 + conv3 * (144 + 100 + 64) + 4096.0 * 64 + 256 * 74 + 64 * 65};
}
