#include "qnet/aligned_net.h"

#include <algorithm>

namespace qt::qnet {
namespace {

namespace nn = torch::nn;

// A fresh network thinks that hardly anything succeeds; half would poison the first targets.
constexpr double kInitialLogit = -2;

nn::Conv2d Conv(int in, int out, int kernel, int stride) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2));
}

}  // namespace

AlignedNetImpl::AlignedNetImpl(const NetworkConfig& config) {
  const int channels = config.tower_channels;
  const int inputs = channels * (kNumPoints + 1) + kNumScalars;
  conv1_ = register_module("conv1", Conv(3, channels / 2, 5, 2));
  conv2_ = register_module("conv2", Conv(channels / 2, channels, 3, 2));
  conv3_ = register_module("conv3", Conv(channels, channels, 3, 1));
  conv4_ = register_module("conv4", Conv(channels, channels, 3, 1));
  norm_in_ = register_module("norm_in", nn::LayerNorm(nn::LayerNormOptions({inputs})));
  linear1_ = register_module("linear1", nn::Linear(inputs, config.head_width));
  norm1_ = register_module("norm1", nn::LayerNorm(nn::LayerNormOptions({config.head_width})));
  linear2_ = register_module("linear2", nn::Linear(config.head_width, config.head_width2));
  linear3_ = register_module("linear3", nn::Linear(config.head_width2, 1));
  const torch::NoGradGuard no_grad;
  linear3_->weight.mul_(0.1);
  linear3_->bias.fill_(kInitialLogit);
}

Features AlignedNetImpl::Tower(const torch::Tensor& image_BCHW) {
  torch::Tensor x = torch::relu(conv1_(image_BCHW));
  x = torch::relu(conv2_(x));
  x = torch::relu(conv3_(x));
  x = torch::relu(conv4_(x));
  return {x, x.mean({2, 3})};
}

torch::Tensor AlignedNetImpl::Head(const Features& features, const torch::Tensor& grid_BAK2,
                                   const torch::Tensor& scalars_BAS) {
  const int64_t B = grid_BAK2.size(0), A = grid_BAK2.size(1);
  const torch::Tensor points_BCAK = torch::grid_sampler(features.map_BChw, grid_BAK2,
                                                        /*interpolation_mode=bilinear*/ 0,
                                                        /*padding_mode=border*/ 1, false);
  const torch::Tensor points_BAX = points_BCAK.permute({0, 2, 3, 1}).reshape({B, A, -1});
  const torch::Tensor mean_BAC = features.mean_BC.unsqueeze(1).expand({B, A, -1});
  torch::Tensor x = norm_in_(torch::cat({points_BAX, mean_BAC, scalars_BAS}, 2));
  x = torch::relu(norm1_(linear1_(x)));
  x = torch::relu(linear2_(x));
  return linear3_(x).squeeze(2);
}

void StoreQuery(const AlignedQuery& query, const NetworkConfig& config, float* grid_K2,
                float* scalars_S) {
  for (int k = 0; k < kNumPoints; ++k) {
    grid_K2[2 * k] = PixelToGrid(query.pixels_K2[2 * k], config.image_width_px);
    grid_K2[2 * k + 1] = PixelToGrid(query.pixels_K2[2 * k + 1], config.image_height_px);
  }
  std::copy(query.scalars_S.begin(), query.scalars_S.end(), scalars_S);
}

}  // namespace qt::qnet
