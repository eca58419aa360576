// The compact networks: one small image tower that runs once per state, and three ways in which the
// action meets what it saw (their architectures; docs/PAPER.md says how this differs).
// Includes LibTorch: for lib/qnet and lib/train only. Shapes: qnet/network.h.
#pragma once

#include "qnet/network.h"

namespace qt::qnet {

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
