// SPDX-License-Identifier: Apache-2.0
// `grasping44`: the network of the paper (App. E, Fig. 13) as tensor2robot released it, layer for
// layer; 1,242,817 trainable parameters at 472 x 472 pixels (docs/PAPER.md, network). Includes
// LibTorch: for lib/qnet and lib/train only. Shapes: qnet/network.h.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "qnet/network.h"

namespace qt::qnet {

// Numbers that it is asked with, in the released order: displacement 3, sine and cosine of the
// turn, close, open, terminate, gripper closed, height.
inline constexpr int kNumPaperScalars = 10;

// Batch normalisation with the released constants, and the ReLU behind it.
class BatchNormImpl : public torch::nn::Module {
 public:
  // If `has_scale` is false there is only a shift, as in two places of the released network.
  explicit BatchNormImpl(int channels, bool has_scale = true);

  torch::Tensor Forward(const torch::Tensor& x);
  // In evaluation it is folded into the layer before it and costs nothing per pixel: what to use
  // in place of that layer's weight and bias (which may be undefined).
  struct Folded {
    torch::Tensor weight, bias;
  };
  Folded Fold(const torch::Tensor& weight, const torch::Tensor& bias) const;

  void set_momentum(double momentum) { momentum_ = momentum; }

 private:
  double momentum_;
  torch::Tensor scale_, shift_, moving_mean_, moving_variance_;
};
TORCH_MODULE(BatchNorm);

class Grasping44Net : public Network {
 public:
  // REQUIRES: CheckNetwork(config).
  explicit Grasping44Net(const NetworkConfig& config);

  Features Tower(const torch::Tensor& image_BCHW) override;
  // grid_BAK2 is not looked at. While training, the statistics are those of all B * A rows.
  torch::Tensor Head(const Features& features, const torch::Tensor& grid_BAK2,
                     const torch::Tensor& scalars_BAS) override;
  void SetNormMomentum(double momentum) override;

 private:
  // Convolution or fully connected layer, normalisation, ReLU.
  struct ConvNorm {
    torch::nn::Conv2d conv{nullptr};
    BatchNorm norm{nullptr};
    int padding = 0;
    torch::Tensor Forward(const torch::Tensor& x);
  };
  struct LinearNorm {
    torch::nn::Linear linear{nullptr};
    BatchNorm norm{nullptr};
    torch::Tensor Forward(const torch::Tensor& x);
  };
  BatchNorm AddNorm(const std::string& name, int channels, bool has_scale = true);
  ConvNorm AddConv(int number);
  LinearNorm AddLinear(const std::string& name, int in, int out);
  torch::Tensor ActionVector(const torch::Tensor& scalars_NS);
  torch::Tensor Merge(const torch::Tensor& map_BChw, const torch::Tensor& vector_BAC);
  torch::Tensor HeadOf(const torch::Tensor& map_BChw, const torch::Tensor& vector_BAC);

  std::vector<BatchNorm> norms_;
  std::array<ConvNorm, 16> convs_;  // 7 before the merge, 9 after it
  std::vector<torch::nn::Linear> blocks_;
  BatchNorm blocks_norm_{nullptr};
  LinearNorm vector_, fc1_, fc2_;
  torch::nn::Linear logit_{nullptr};
};

}  // namespace qt::qnet
