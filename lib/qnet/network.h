// SPDX-License-Identifier: Apache-2.0
// What the learner, the updaters and the policies need of a network, whatever its architecture: a
// tower that runs once per state, and a head that runs per candidate action. Includes LibTorch: for
// lib/qnet and lib/train only.
//
// Shapes: B images, A actions an image, K points, S scalars, C channels, H x W pixels.
#pragma once

#include <memory>

#include "qnet/network_config.h"
#include "qnet/torch.h"

namespace qt::qnet {

// What a tower computes of the image.
struct Features {
  torch::Tensor map_BChw;
  torch::Tensor mean_BC;  // global average; undefined where the head has no use for it
};

class Network : public torch::nn::Module {
 public:
  // image_BCHW: RGB with 0 to 1 mapped to [-0.5, 0.5].
  virtual Features Tower(const torch::Tensor& image_BCHW) = 0;
  // What the architecture writes (qnet/architecture.h): points in the normalised coordinates of
  // PixelToGrid (K may be 0), and numbers. Returns logits_BA.
  virtual torch::Tensor Head(const Features& features, const torch::Tensor& grid_BAK2,
                             const torch::Tensor& scalars_BAS) = 0;
  // How much one training step moves the moving statistics of batch normalisation; nothing to do
  // for a network without it.
  virtual void SetNormMomentum(double /*momentum*/) {}
};

// Decay of the moving statistics, as released with the paper's network.
inline constexpr double kNormDecay = 0.9997;

using NetworkPtr = std::shared_ptr<Network>;

// Makes a network with fresh weights, drawn from LibTorch's global generator.
inline NetworkPtr MakeNetwork(const NetworkConfig& config) {
  return config.architecture->make(config);
}

}  // namespace qt::qnet
