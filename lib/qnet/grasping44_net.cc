// SPDX-License-Identifier: Apache-2.0
#include "qnet/grasping44_net.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "qnet/conv_of_constant.h"

namespace qt::qnet {
namespace {

namespace nn = torch::nn;

constexpr int kChannels = 64;
constexpr int kBlockWidth = 256;
constexpr double kEpsilon = 1e-3;
constexpr double kWeightDeviation = 0.01;
constexpr double kImageShift = 0.5;  // the released network sees pixels from 0 to 1
// Rows that go through the head at once in evaluation, so that what passes from layer to layer
// stays in the cache.
constexpr int64_t kRowsAtOnce = 16;

// The named blocks of action and state (WritePaperQuery writes them in this order), each with a
// layer of its own.
struct Block {
  const char* name;
  int width;
};
constexpr Block kBlocks[] = {
    {"world_vector", 3},      {"vertical_rotation", 2}, {"close_gripper", 1},   {"open_gripper", 1},
    {"terminate_episode", 1}, {"gripper_closed", 1},    {"height_to_bottom", 1}};

// Convolution `number` counted from 1 (docs/PAPER.md has the table).
struct ConvShape {
  int in = kChannels, kernel = 3, stride = 1, padding = 1;
  bool is_first = false;
};
ConvShape ShapeOfConv(int number) {
  if (number == 1) return {3, 6, 2, 2, true};
  if (number <= 7) return {kChannels, 5, 1, 2};
  if (number <= 13) return {};
  return {kChannels, 3, 1, 0};
}

// Normal, cut at two deviations: the inverse of the distribution function, of a uniform draw.
void InitialiseWeight(torch::Tensor& weight) {
  const torch::NoGradGuard no_grad;
  const double reach = std::erf(std::numbers::sqrt2);
  weight.uniform_(-reach, reach).erfinv_().mul_(std::numbers::sqrt2 * kWeightDeviation);
}

nn::Linear NewLinear(int in, int out, bool has_bias) {
  nn::Linear linear(nn::LinearOptions(in, out).bias(has_bias));
  InitialiseWeight(linear->weight);
  if (has_bias) nn::init::zeros_(linear->bias);
  return linear;
}

// Lengths in units of their bounds (the paper is silent).
void WritePaperQuery(const ObservedState& observation, const Action& action, const TaskConfig& task,
                     const NetworkConfig& config, const View& view, float* /*grid_K2*/,
                     float* scalars_S) {
  const GripperState& gripper = observation.gripper;
  const double sign = view.symmetry.mirror ? -1 : 1;
  const bool has_state = config.state_input != StateInput::kImage;
  const double scalars[kNumPaperScalars] = {sign * action.dx_m / task.max_dxy_m,
                                            action.dy_m / task.max_dxy_m,
                                            action.dz_m / task.max_dz_m,
                                            sign * action.sin_dyaw,
                                            action.cos_dyaw,
                                            action.close,
                                            action.open,
                                            action.terminate,
                                            has_state ? 1 - gripper.opening : 0.0,
                                            has_state ? gripper.height_m / task.max_height_m : 0.0};
  for (int i = 0; i < kNumPaperScalars; ++i) scalars_S[i] = static_cast<float>(scalars[i]);
}

// Smaller images leave nothing for the last convolutions.
Status CheckPaperSizes(const NetworkConfig& config) {
  constexpr int kMinSide_px = 218;
  if (config.image_width_px < kMinSide_px || config.image_height_px < kMinSide_px) {
    return Corrupt("grasping44 needs an image of at least 218 x 218 pixels");
  }
  if (config.image_width_px % 2 == 0 && config.image_height_px % 2 == 0) return Ok();
  return Corrupt("grasping44 needs an even number of pixels on each side of the image");
}

NetworkPtr MakeGrasping44(const NetworkConfig& config) {
  return std::make_shared<Grasping44Net>(config);
}

int PooledSide(int side, int size) { return (side + size - 1) / size; }

// What TensorFlow calls SAME padding: ceil(side / size) outputs, an odd cell of padding behind.
torch::Tensor MaxPoolSame(const torch::Tensor& x_BChw, int size) {
  const auto before = [&](int64_t dimension) {
    const int side = static_cast<int>(x_BChw.size(dimension));
    return (PooledSide(side, size) * size - side) / 2;
  };
  return torch::max_pool2d(x_BChw, size, size, {before(2), before(3)}, 1, /*ceil_mode=*/true);
}

// Side of the last map.
int LastSide(int image_px) { return PooledSide(PooledSide(PooledSide(image_px / 2, 3), 3), 2) - 6; }

}  // namespace

BatchNormImpl::BatchNormImpl(int channels, bool has_scale) : momentum_(1 - kNormDecay) {
  if (has_scale) scale_ = register_parameter("scale", torch::ones({channels}));
  shift_ = register_parameter("shift", torch::zeros({channels}));
  moving_mean_ = register_buffer("moving_mean", torch::zeros({channels}));
  moving_variance_ = register_buffer("moving_variance", torch::ones({channels}));
}

torch::Tensor BatchNormImpl::Forward(const torch::Tensor& x) {
  const torch::Tensor scale = scale_.defined() ? scale_ : torch::ones_like(shift_);
  return torch::batch_norm(x, scale, shift_, moving_mean_, moving_variance_, is_training(),
                           momentum_, kEpsilon, /*cudnn_enabled=*/true)
      .relu_();
}

BatchNormImpl::Folded BatchNormImpl::Fold(const torch::Tensor& weight,
                                          const torch::Tensor& bias) const {
  torch::Tensor factor = torch::rsqrt(moving_variance_ + kEpsilon);
  if (scale_.defined()) factor = factor * scale_;
  const torch::Tensor mean = bias.defined() ? moving_mean_ - bias : moving_mean_;
  std::vector<int64_t> shape(static_cast<size_t>(weight.dim()), 1);
  shape[0] = -1;
  return {weight * factor.view(shape), shift_ - mean * factor};
}

torch::Tensor Grasping44Net::ConvNorm::Forward(const torch::Tensor& x) {
  const auto& stride = conv->options.stride();
  if (norm->is_training()) {
    return norm->Forward(torch::conv2d(x, conv->weight, conv->bias, stride, padding));
  }
  const auto [weight, bias] = norm->Fold(conv->weight, conv->bias);
  return torch::conv2d(x, weight, bias, stride, padding).relu_();
}

torch::Tensor Grasping44Net::LinearNorm::Forward(const torch::Tensor& x) {
  if (norm->is_training()) return norm->Forward(linear(x));
  const auto [weight, bias] = norm->Fold(linear->weight, linear->bias);
  return torch::linear(x, weight, bias).relu_();
}

Grasping44Net::Grasping44Net(const NetworkConfig& config) {
  for (int number = 1; number <= 16; ++number) {
    convs_[static_cast<size_t>(number - 1)] = AddConv(number);
  }
  for (const Block& block : kBlocks) {
    blocks_.push_back(register_module(std::string("block_") + block.name,
                                      NewLinear(block.width, kBlockWidth, true)));
  }
  blocks_norm_ = AddNorm("blocks", kBlockWidth, false);
  vector_ = AddLinear("vector", kBlockWidth, kChannels);
  const int cells = LastSide(config.image_width_px) * LastSide(config.image_height_px);
  fc1_ = AddLinear("fc1", kChannels * cells, kChannels);
  fc2_ = AddLinear("fc2", kChannels, kChannels);
  logit_ = register_module("logit", NewLinear(kChannels, 1, true));
}

BatchNorm Grasping44Net::AddNorm(const std::string& name, int channels, bool has_scale) {
  norms_.push_back(register_module(name + "_norm", BatchNorm(channels, has_scale)));
  return norms_.back();
}

Grasping44Net::ConvNorm Grasping44Net::AddConv(int number) {
  const ConvShape shape = ShapeOfConv(number);
  const std::string name = "conv" + std::to_string(number);
  ConvNorm layer;
  layer.padding = shape.padding;
  layer.conv = register_module(name, nn::Conv2d(nn::Conv2dOptions(shape.in, kChannels, shape.kernel)
                                                    .stride(shape.stride)
                                                    .padding(shape.padding)
                                                    .bias(shape.is_first)));
  InitialiseWeight(layer.conv->weight);
  if (shape.is_first) nn::init::zeros_(layer.conv->bias);
  layer.norm = AddNorm(name, kChannels, !shape.is_first);
  return layer;
}

Grasping44Net::LinearNorm Grasping44Net::AddLinear(const std::string& name, int in, int out) {
  LinearNorm layer;
  layer.linear = register_module(name, NewLinear(in, out, false));
  layer.norm = AddNorm(name, out);
  return layer;
}

void Grasping44Net::SetNormMomentum(double momentum) {
  for (BatchNorm& norm : norms_) norm->set_momentum(momentum);
}

Features Grasping44Net::Tower(const torch::Tensor& image_BCHW) {
  torch::Tensor x = MaxPoolSame(convs_[0].Forward(image_BCHW + kImageShift), 3);
  for (size_t i = 1; i < 7; ++i) x = convs_[i].Forward(x);
  return {MaxPoolSame(x, 3), {}};
}

// The sum of one layer a block is one layer over all of them.
torch::Tensor Grasping44Net::ActionVector(const torch::Tensor& scalars_NS) {
  std::vector<torch::Tensor> weights;
  torch::Tensor bias = torch::zeros_like(blocks_[0]->bias);
  for (const nn::Linear& block : blocks_) {
    weights.push_back(block->weight);
    bias = bias + block->bias;
  }
  const torch::Tensor sum = torch::linear(scalars_NS, torch::cat(weights, 1), bias);
  return vector_.Forward(blocks_norm_->Forward(sum));
}

// Nothing stands between the sum and the next convolution, which therefore runs on the map alone.
torch::Tensor Grasping44Net::Merge(const torch::Tensor& map_BChw, const torch::Tensor& vector_BAC) {
  ConvNorm& next = convs_[7];
  if (next.norm->is_training()) {
    return next.norm->Forward(
        ConvOfSum(next.conv->weight, {}, 1, next.padding, map_BChw, vector_BAC));
  }
  const auto [weight, bias] = next.norm->Fold(next.conv->weight, {});
  return ConvOfSum(weight, bias, 1, next.padding, map_BChw, vector_BAC).relu_();
}

torch::Tensor Grasping44Net::HeadOf(const torch::Tensor& map_BChw,
                                    const torch::Tensor& vector_BAC) {
  torch::Tensor x = Merge(map_BChw, vector_BAC);
  for (size_t i = 8; i < 13; ++i) x = convs_[i].Forward(x);
  x = MaxPoolSame(x, 2);
  for (size_t i = 13; i < 16; ++i) x = convs_[i].Forward(x);
  // Flattened as the released network does it: row, column, channel.
  x = fc2_.Forward(fc1_.Forward(x.permute({0, 2, 3, 1}).flatten(1)));
  return logit_(x).view({vector_BAC.size(0), vector_BAC.size(1)});
}

torch::Tensor Grasping44Net::Head(const Features& features, const torch::Tensor& /*grid_BAK2*/,
                                  const torch::Tensor& scalars_BAS) {
  const int64_t B = scalars_BAS.size(0), A = scalars_BAS.size(1);
  const torch::Tensor vector_BAC = ActionVector(scalars_BAS.flatten(0, 1)).view({B, A, -1});
  const int64_t at_once = std::max<int64_t>(1, kRowsAtOnce / B);
  if (is_training() || A <= at_once) return HeadOf(features.map_BChw, vector_BAC);
  std::vector<torch::Tensor> logits;
  for (const torch::Tensor& part : vector_BAC.split(at_once, 1)) {
    logits.push_back(HeadOf(features.map_BChw, part));
  }
  return torch::cat(logits, 1);
}

extern const Architecture kGrasping44Net;
const Architecture kGrasping44Net = {.name = "grasping44",
                                     .query = {.num_points = 0, .num_scalars = kNumPaperScalars},
                                     .make = MakeGrasping44,
                                     .write_query = WritePaperQuery,
                                     .check = CheckPaperSizes,
                                     .one_action = true};

}  // namespace qt::qnet
