// SPDX-License-Identifier: Apache-2.0
// The compact networks: one small image tower that runs once per state, and three ways in which the
// action meets what it saw (their architectures; docs/PAPER.md says how this differs).
// Includes LibTorch: for lib/qnet and lib/train only. Shapes: qnet/network.h.
#pragma once

#include "qnet/network.h"

namespace qt::qnet {

inline constexpr int kTowerStride = 4;  // image pixels a cell of the compact networks' map

// The coordinate in grid_sample's units (align_corners = false) of a position in image pixels, for
// a side of `size_px` pixels: cell j of the map is centred on pixel kTowerStride * j.
inline float PixelToGrid(float position_px, int size_px) {
  const float cells = static_cast<float>(size_px / kTowerStride);
  return (2 * position_px / kTowerStride + 1) / cells - 1;
}

// What the head of `aligned` reads: the feature map at K points, bilinearly, beside the map's mean
// and the numbers of state and action: inputs_BAX with X = K * C + C + S. Points outside the map
// read its border (grid_sampler with align_corners = false). No gradient flows to the points and
// the numbers. Does in one pass over channels-last memory, forwards and backwards, what
// grid_sampler, expand and cat do in several.
torch::Tensor SampleInputs(const Features& features, const torch::Tensor& grid_BAK2,
                           const torch::Tensor& scalars_BAS);
// The same from LibTorch's own parts: what runs on a GPU, and what tests compare with.
torch::Tensor SampleInputsPlainly(const Features& features, const torch::Tensor& grid_BAK2,
                                  const torch::Tensor& scalars_BAS);

// The tower: 1/4 of the image's resolution.
class CompactNet : public Network {
 public:
  explicit CompactNet(const NetworkConfig& config);
  Features Tower(const torch::Tensor& image_BCHW) override;

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr}, conv4_{nullptr};
};

// `aligned`: the head reads the feature map where the commanded gripper pose projects into the
// image.
class AlignedNet : public CompactNet {
 public:
  explicit AlignedNet(const NetworkConfig& config);
  torch::Tensor Head(const Features& features, const torch::Tensor& grid_BAK2,
                     const torch::Tensor& scalars_BAS) override;

 private:
  torch::nn::LayerNorm norm_in_{nullptr}, norm1_{nullptr};
  torch::nn::Linear linear1_{nullptr}, linear2_{nullptr}, linear3_{nullptr};
};

// `add`: the paper's way (App. E) at this scale: the action as a vector that is added to every cell
// of the map, two more convolutions, and two layers. The first convolution runs once per state.
class AddNet : public CompactNet {
 public:
  explicit AddNet(const NetworkConfig& config);
  torch::Tensor Head(const Features& features, const torch::Tensor& grid_BAK2,
                     const torch::Tensor& scalars_BAS) override;

 private:
  torch::nn::Linear vector1_{nullptr}, vector2_{nullptr};
  torch::nn::LayerNorm vector_norm_{nullptr}, norm1_{nullptr};
  torch::nn::Conv2d conv5_{nullptr}, conv6_{nullptr};
  torch::nn::Linear linear1_{nullptr}, linear2_{nullptr};
};

// `mlp`: the whole map, pooled to half its resolution, beside the action in a layer.
class MlpNet : public CompactNet {
 public:
  explicit MlpNet(const NetworkConfig& config);
  torch::Tensor Head(const Features& features, const torch::Tensor& grid_BAK2,
                     const torch::Tensor& scalars_BAS) override;

 private:
  torch::nn::LayerNorm norm1_{nullptr};
  torch::nn::Linear linear_map_{nullptr}, linear1_{nullptr}, linear2_{nullptr}, linear3_{nullptr};
};

}  // namespace qt::qnet
