// SPDX-License-Identifier: Apache-2.0
#include "qnet/compact_net.h"

#include <algorithm>
#include <vector>

#include "qnet/conv_of_constant.h"
#include "qnet/sample_loops.h"

namespace qt::qnet {
namespace {

namespace nn = torch::nn;

// A fresh network thinks that hardly anything succeeds; half would poison the first targets.
constexpr double kInitialLogit = -2;

nn::Conv2d Conv(int in, int out, int kernel, int stride) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2));
}

nn::LayerNorm Norm(int width) { return nn::LayerNorm(nn::LayerNormOptions({width})); }

void StartLow(nn::Linear& logit) {
  const torch::NoGradGuard no_grad;
  logit->weight.mul_(0.1);
  logit->bias.fill_(kInitialLogit);
}

// Pixels of a side after convolutions of stride 2.
int Halved(int size_px, int times) {
  for (int i = 0; i < times; ++i) size_px = (size_px + 1) / 2;
  return size_px;
}

void WriteScalars(const ObservedState& observation, const Action& action, const TaskConfig& task,
                  const NetworkConfig& config, const View& view, float* /*grid_K2*/,
                  float* scalars_S) {
  const auto scalars =
      MakeScalars(observation, action, task, config.state_input, view.symmetry.mirror);
  std::copy(scalars.begin(), scalars.end(), scalars_S);
}

void WritePointsAndScalars(const ObservedState& observation, const Action& action,
                           const TaskConfig& task, const NetworkConfig& config, const View& view,
                           float* grid_K2, float* scalars_S) {
  const auto pixels_K2 = MakePoints(observation, action, task, view.symmetry);
  for (int k = 0; k < kNumPoints; ++k) {
    grid_K2[2 * k] =
        PixelToGrid(pixels_K2[2 * k] + static_cast<float>(view.shift_u_px), config.image_width_px);
    grid_K2[2 * k + 1] = PixelToGrid(pixels_K2[2 * k + 1] + static_cast<float>(view.shift_v_px),
                                     config.image_height_px);
  }
  WriteScalars(observation, action, task, config, view, grid_K2, scalars_S);
}

template <typename Net>
NetworkPtr Make(const NetworkConfig& config) {
  return std::make_shared<Net>(config);
}

// --- Sampling the map --------------------------------------------------------------------------

torch::Tensor ChannelsLast(const torch::Tensor& map_BChw) {
  return map_BChw.contiguous(torch::MemoryFormat::ChannelsLast);
}

SampleSizes SizesOf(const torch::Tensor& map_BChw, const torch::Tensor& grid_BAK2, int64_t S) {
  return {grid_BAK2.size(0), grid_BAK2.size(1), grid_BAK2.size(2), S,
          map_BChw.size(1),  map_BChw.size(2),  map_BChw.size(3)};
}

class Sampling : public torch::autograd::Function<Sampling> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& map_BChw, const torch::Tensor& mean_BC,
                               const torch::Tensor& grid_BAK2, const torch::Tensor& scalars_BAS) {
    const SampleSizes n = SizesOf(map_BChw, grid_BAK2, scalars_BAS.size(2));
    const torch::Tensor grid = grid_BAK2.contiguous();
    context->save_for_backward({grid});
    context->saved_data["map_sizes"] = map_BChw.sizes().vec();
    context->saved_data["num_scalars"] = n.S;
    torch::Tensor out_BAX = torch::empty({n.B, n.A, n.inputs()});
    GatherPoints(n, ChannelsLast(map_BChw).data_ptr<float>(),
                 mean_BC.contiguous().data_ptr<float>(), grid.data_ptr<float>(),
                 scalars_BAS.contiguous().data_ptr<float>(), out_BAX.data_ptr<float>());
    return out_BAX;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               const torch::autograd::tensor_list& gradients) {
    const torch::Tensor grid = context->get_saved_variables()[0];
    const std::vector<int64_t> sizes = context->saved_data["map_sizes"].toIntVector();
    const torch::Tensor map_BChw = torch::empty(sizes, torch::MemoryFormat::ChannelsLast).zero_();
    const torch::Tensor mean_BC = torch::zeros({sizes[0], sizes[1]});
    const SampleSizes n = SizesOf(map_BChw, grid, context->saved_data["num_scalars"].toInt());
    ScatterPoints(n, gradients[0].contiguous().data_ptr<float>(), grid.data_ptr<float>(),
                  map_BChw.data_ptr<float>(), mean_BC.data_ptr<float>());
    return {map_BChw, mean_BC, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor SampleInputs(const Features& features, const torch::Tensor& grid_BAK2,
                           const torch::Tensor& scalars_BAS) {
  if (!features.map_BChw.is_cpu()) return SampleInputsPlainly(features, grid_BAK2, scalars_BAS);
  return Sampling::apply(features.map_BChw, features.mean_BC, grid_BAK2, scalars_BAS);
}

torch::Tensor SampleInputsPlainly(const Features& features, const torch::Tensor& grid_BAK2,
                                  const torch::Tensor& scalars_BAS) {
  const int64_t B = grid_BAK2.size(0), A = grid_BAK2.size(1);
  const torch::Tensor points_BCAK = torch::grid_sampler(features.map_BChw, grid_BAK2,
                                                        /*interpolation_mode=bilinear*/ 0,
                                                        /*padding_mode=border*/ 1, false);
  const torch::Tensor points_BAX = points_BCAK.permute({0, 2, 3, 1}).reshape({B, A, -1});
  const torch::Tensor mean_BAC = features.mean_BC.unsqueeze(1).expand({B, A, -1});
  return torch::cat({points_BAX, mean_BAC, scalars_BAS}, 2);
}

CompactNet::CompactNet(const NetworkConfig& config) {
  const int channels = config.tower_channels;
  conv1_ = register_module("conv1", Conv(3, channels / 2, 5, 2));
  conv2_ = register_module("conv2", Conv(channels / 2, channels, 3, 2));
  conv3_ = register_module("conv3", Conv(channels, channels, 3, 1));
  conv4_ = register_module("conv4", Conv(channels, channels, 3, 1));
}

Features CompactNet::Tower(const torch::Tensor& image_BCHW) {
  torch::Tensor x = conv1_(image_BCHW).relu_();
  x = conv2_(x).relu_();
  x = conv3_(x).relu_();
  x = conv4_(x).relu_();
  return {x, x.mean({2, 3})};
}

AlignedNet::AlignedNet(const NetworkConfig& config) : CompactNet(config) {
  const int inputs = config.tower_channels * (kNumPoints + 1) + kNumScalars;
  norm_in_ = register_module("norm_in", Norm(inputs));
  linear1_ = register_module("linear1", nn::Linear(inputs, config.head_width));
  norm1_ = register_module("norm1", Norm(config.head_width));
  linear2_ = register_module("linear2", nn::Linear(config.head_width, config.head_width2));
  linear3_ = register_module("linear3", nn::Linear(config.head_width2, 1));
  StartLow(linear3_);
}

torch::Tensor AlignedNet::Head(const Features& features, const torch::Tensor& grid_BAK2,
                               const torch::Tensor& scalars_BAS) {
  torch::Tensor x = norm_in_(SampleInputs(features, grid_BAK2, scalars_BAS));
  x = norm1_(linear1_(x)).relu_();
  x = linear2_(x).relu_();
  return linear3_(x).squeeze(2);
}

AddNet::AddNet(const NetworkConfig& config) : CompactNet(config) {
  const int channels = config.tower_channels;
  const int cells = Halved(config.image_width_px, 4) * Halved(config.image_height_px, 4);
  vector1_ = register_module("vector1", nn::Linear(kNumScalars, config.head_width));
  vector_norm_ = register_module("vector_norm", Norm(config.head_width));
  vector2_ = register_module("vector2", nn::Linear(config.head_width, channels));
  conv5_ = register_module("conv5", Conv(channels, channels, 3, 2));
  conv6_ = register_module("conv6", Conv(channels, channels, 3, 2));
  linear1_ = register_module("linear1", nn::Linear(channels * cells, config.head_width2));
  norm1_ = register_module("norm1", Norm(config.head_width2));
  linear2_ = register_module("linear2", nn::Linear(config.head_width2, 1));
  StartLow(linear2_);
}

torch::Tensor AddNet::Head(const Features& features, const torch::Tensor& /*grid_BAK2*/,
                           const torch::Tensor& scalars_BAS) {
  const int64_t B = scalars_BAS.size(0), A = scalars_BAS.size(1);
  const torch::Tensor vector_BAC = vector2_(vector_norm_(vector1_(scalars_BAS)).relu_());
  torch::Tensor x =
      ConvOfSum(conv5_->weight, conv5_->bias, 2, 1, features.map_BChw, vector_BAC).relu_();
  x = conv6_(x).relu_().reshape({B, A, -1});
  x = norm1_(linear1_(x)).relu_();
  return linear2_(x).squeeze(2);
}

MlpNet::MlpNet(const NetworkConfig& config) : CompactNet(config) {
  const int cells =
      (Halved(config.image_width_px, 2) / 2) * (Halved(config.image_height_px, 2) / 2);
  linear_map_ =
      register_module("linear_map", nn::Linear(config.tower_channels * cells, config.head_width));
  linear1_ = register_module("linear1", nn::Linear(kNumScalars, config.head_width));
  norm1_ = register_module("norm1", Norm(config.head_width));
  linear2_ = register_module("linear2", nn::Linear(config.head_width, config.head_width2));
  linear3_ = register_module("linear3", nn::Linear(config.head_width2, 1));
  StartLow(linear3_);
}

torch::Tensor MlpNet::Head(const Features& features, const torch::Tensor& /*grid_BAK2*/,
                           const torch::Tensor& scalars_BAS) {
  // One layer over both, of which the image's part is computed once.
  const torch::Tensor pooled_BX = torch::avg_pool2d(features.map_BChw, {2, 2}).flatten(1);
  torch::Tensor x = linear_map_(pooled_BX).unsqueeze(1) + linear1_(scalars_BAS);
  x = norm1_(x).relu_();
  x = linear2_(x).relu_();
  return linear3_(x).squeeze(2);
}

extern const Architecture kAlignedNet, kAddNet, kMlpNet;
const Architecture kAlignedNet = {.name = "aligned",
                                  .query = {.num_points = kNumPoints, .num_scalars = kNumScalars},
                                  .make = Make<AlignedNet>,
                                  .write_query = WritePointsAndScalars};
const Architecture kAddNet = {.name = "add",
                              .query = {.num_points = 0, .num_scalars = kNumScalars},
                              .make = Make<AddNet>,
                              .write_query = WriteScalars};
const Architecture kMlpNet = {.name = "mlp",
                              .query = {.num_points = 0, .num_scalars = kNumScalars},
                              .make = Make<MlpNet>,
                              .write_query = WriteScalars};

}  // namespace qt::qnet
