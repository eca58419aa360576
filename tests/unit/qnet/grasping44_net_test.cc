// SPDX-License-Identifier: Apache-2.0
#include "qnet/grasping44_net.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "image/image.h"
#include "qnet/network_q_function.h"
#include "qnet/tensor_io.h"

namespace qt::qnet {
namespace {

constexpr int kSmall_px = 220;

NetworkConfig Config(int side_px) {
  NetworkConfig config;
  config.architecture = *ArchitectureName::Parse("grasping44");
  config.image_width_px = config.image_height_px = side_px;
  return config;
}

// Moving statistics and norms as after some training: fresh ones would hide mistakes.
NetworkPtr MakePaperNet(int side_px) {
  torch::manual_seed(1);
  const NetworkPtr net = MakeNetwork(Config(side_px));
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : TensorsOf(*net)) {
    if (name.ends_with("shift")) tensor.uniform_(-0.1, 0.1);
    if (name.ends_with("scale")) tensor.uniform_(0.8, 1.2);
  }
  // Statistics of some batch, without which no signal survives sixteen layers of small weights.
  net->train();
  net->SetNormMomentum(1);
  net->Head(net->Tower(torch::rand({4, 3, side_px, side_px}) - 0.5), {},
            torch::randn({4, 2, kNumPaperScalars}));
  net->eval();
  return net;
}

int64_t NumParameters(const Network& net) {
  int64_t count = 0;
  for (const auto& parameter : net.parameters()) count += parameter.numel();
  return count;
}

// The network as the paper draws it: the whole of it for one image and one action, the vector
// added before the convolution, normalisation as a layer of its own.
class Plain {
 public:
  explicit Plain(const Network& net) : training_(net.is_training()) {
    for (const auto& [name, tensor] : TensorsOf(net)) tensors_[name] = tensor.clone();
  }

  torch::Tensor Logit(const torch::Tensor& image, const torch::Tensor& scalars_NS) {
    torch::Tensor x = Pool(Conv(image + 0.5, 1, 2, 2), 3);
    for (int i = 2; i <= 7; ++i) x = Conv(x, i, 1, 2);
    x = Pool(x, 3) + Vector(scalars_NS).view({-1, 64, 1, 1});
    for (int i = 8; i <= 13; ++i) x = Conv(x, i, 1, 1);
    x = Pool(x, 2);
    for (int i = 14; i <= 16; ++i) x = Conv(x, i, 1, 0);
    x = x.permute({0, 2, 3, 1}).flatten(1);
    for (const char* name : {"fc1", "fc2"}) x = Norm(torch::linear(x, Get(name, "weight")), name);
    return torch::linear(x, Get("logit", "weight"), Get("logit", "bias")).squeeze(1);
  }

 private:
  torch::Tensor Get(const std::string& layer, const std::string& name) {
    const auto found = tensors_.find(layer + "." + name);
    return found == tensors_.end() ? torch::Tensor() : found->second;
  }
  torch::Tensor Norm(const torch::Tensor& x, const std::string& layer) {
    const std::string name = layer + "_norm";
    const torch::Tensor scale = Get(name, "scale");
    return torch::relu(torch::batch_norm(x, scale.defined() ? scale : torch::ones({x.size(1)}),
                                         Get(name, "shift"), Get(name, "moving_mean"),
                                         Get(name, "moving_variance"), training_, 0, 1e-3, false));
  }
  torch::Tensor Conv(const torch::Tensor& x, int number, int stride, int padding) {
    const std::string name = "conv" + std::to_string(number);
    return Norm(torch::conv2d(x, Get(name, "weight"), Get(name, "bias"), stride, padding), name);
  }
  torch::Tensor Vector(const torch::Tensor& scalars_NS) {
    torch::Tensor sum;
    int64_t at = 0;
    for (const char* name : {"world_vector", "vertical_rotation", "close_gripper", "open_gripper",
                             "terminate_episode", "gripper_closed", "height_to_bottom"}) {
      const std::string block = std::string("block_") + name;
      const int64_t width = Get(block, "weight").size(1);
      const torch::Tensor part =
          torch::linear(scalars_NS.narrow(1, at, width), Get(block, "weight"), Get(block, "bias"));
      sum = sum.defined() ? sum + part : part;
      at += width;
    }
    return Norm(torch::linear(Norm(sum, "blocks"), Get("vector", "weight")), "vector");
  }
  // Padded with zeros as TensorFlow does it, the odd one behind; after a ReLU nothing is below 0.
  static torch::Tensor Pool(const torch::Tensor& x, int64_t size) {
    const auto missing = [size](int64_t side) { return (size - side % size) % size; };
    const int64_t v = missing(x.size(2)), u = missing(x.size(3));
    return torch::max_pool2d(torch::constant_pad_nd(x, {u / 2, u - u / 2, v / 2, v - v / 2}), size,
                             size);
  }

  bool training_;
  std::map<std::string, torch::Tensor> tensors_;
};

TEST(Grasping44Test, HasThePapersParameters) {
  const NetworkPtr net = MakeNetwork(Config(472));
  EXPECT_EQ(NumParameters(*net), 1242817);
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& item : net->named_parameters()) shapes[item.key()] = item.value().sizes().vec();
  using ::testing::ElementsAre;
  EXPECT_THAT(shapes["conv1.weight"], ElementsAre(64, 3, 6, 6));
  EXPECT_THAT(shapes["conv1.bias"], ElementsAre(64));
  EXPECT_EQ(shapes.count("conv1_norm.scale"), 0);
  for (int i = 2; i <= 16; ++i) {
    const std::string name = "conv" + std::to_string(i);
    const int64_t kernel = i <= 7 ? 5 : 3;
    EXPECT_THAT(shapes[name + ".weight"], ElementsAre(64, 64, kernel, kernel)) << name;
    EXPECT_EQ(shapes.count(name + ".bias"), 0) << name;
    EXPECT_THAT(shapes[name + "_norm.scale"], ElementsAre(64)) << name;
    EXPECT_THAT(shapes[name + "_norm.shift"], ElementsAre(64)) << name;
  }
  EXPECT_THAT(shapes["block_world_vector.weight"], ElementsAre(256, 3));
  EXPECT_THAT(shapes["block_vertical_rotation.weight"], ElementsAre(256, 2));
  EXPECT_THAT(shapes["block_height_to_bottom.bias"], ElementsAre(256));
  EXPECT_EQ(shapes.count("blocks_norm.scale"), 0);
  EXPECT_THAT(shapes["vector.weight"], ElementsAre(64, 256));
  EXPECT_THAT(shapes["fc1.weight"], ElementsAre(64, 4096));
  EXPECT_THAT(shapes["fc2.weight"], ElementsAre(64, 64));
  EXPECT_THAT(shapes["logit.weight"], ElementsAre(1, 64));
}

TEST(Grasping44Test, TheMapHas27CellsASide) {
  const NetworkPtr net = MakePaperNet(472);
  const torch::NoGradGuard no_grad;
  const Features features = net->Tower(torch::rand({1, 3, 472, 472}) - 0.5);
  EXPECT_EQ(features.map_BChw.sizes(), (std::vector<int64_t>{1, 64, 27, 27}));
  const torch::Tensor logits = net->Head(features, {}, torch::rand({1, 3, kNumPaperScalars}));
  EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{1, 3}));
}

TEST(Grasping44Test, WeightsAreTruncatedNormalAndBiasesZero) {
  torch::manual_seed(3);
  const NetworkPtr net = MakeNetwork(Config(kSmall_px));
  for (const auto& [name, tensor] : TensorsOf(*net)) {
    if (name.ends_with("bias")) {
      EXPECT_EQ(tensor.abs().max().item<float>(), 0) << name;
    }
    if (!name.ends_with("weight") || tensor.numel() < 10000) continue;
    EXPECT_LE(tensor.abs().max().item<float>(), 0.02001f) << name;
    EXPECT_GT(tensor.abs().max().item<float>(), 0.019f) << name;
    // The deviation of a normal that is cut at two of them.
    EXPECT_NEAR(tensor.std().item<float>(), 0.01 * 0.8796, 2e-4) << name;
    EXPECT_NEAR(tensor.mean().item<float>(), 0, 3e-4) << name;
  }
}

TEST(Grasping44Test, TowerAndHeadEqualTheWholeNetwork) {
  const NetworkPtr net = MakePaperNet(kSmall_px);
  const torch::NoGradGuard no_grad;
  const torch::Tensor image = torch::rand({1, 3, kSmall_px, kSmall_px}) - 0.5;
  const torch::Tensor scalars = torch::randn({1, 20, kNumPaperScalars});
  const torch::Tensor split = net->Head(net->Tower(image), {}, scalars)[0];
  Plain plain(*net);
  EXPECT_GT(split.std().item<float>(), 1e-3);  // the actions differ
  for (int64_t a : {0, 7, 19}) {
    const torch::Tensor whole = plain.Logit(image, scalars.select(1, a));
    EXPECT_NEAR(whole.item<float>(), split[a].item<float>(), 1e-4) << a;
  }
}

TEST(Grasping44Test, TrainingNormalisesByTheBatchAndMovesTheStatistics) {
  const NetworkPtr net = MakePaperNet(kSmall_px);
  net->train();
  const torch::Tensor image = torch::rand({3, 3, kSmall_px, kSmall_px}) - 0.5;
  const torch::Tensor scalars = torch::randn({3, 1, kNumPaperScalars});
  const torch::Tensor expected = Plain(*net).Logit(image, scalars.select(1, 0));
  const auto mean_of = [&net](const std::string& name) {
    return net->named_buffers()[name + "_norm.moving_mean"].clone();
  };
  const torch::Tensor before = mean_of("conv9");
  net->SetNormMomentum(0.5);
  const torch::Tensor logits = net->Head(net->Tower(image), {}, scalars).select(1, 0);
  EXPECT_LT((logits - expected).abs().max().item<float>(), 1e-3);
  EXPECT_GT((mean_of("conv9") - before).abs().max().item<float>(), 1e-4);
  logits.sum().backward();
  for (const auto& item : net->named_parameters()) {
    EXPECT_TRUE(item.value().grad().defined()) << item.key();
  }
}

TEST(Grasping44Test, ScoresAnImageThatIsCutFromALargerOne) {
  NetworkConfig config = Config(kSmall_px);
  config.frame_width_px = kSmall_px + 20;
  config.frame_height_px = kSmall_px + 4;
  const NetworkQFunction q(MakePaperNet(kSmall_px), config, TaskConfig());
  Observation observation;  // no camera
  std::vector<uint8_t> rgb(3 * 240 * 224);
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(i * 7 % 251);
  observation.image = EncodeRaw({240, 224, std::move(rgb)});
  const auto state = q.Embed(observation);
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  const Action actions[] = {Action::Move(0.1, 0, -0.1, 0), Action::Close()};
  float values[2];
  q.Score(**state, actions, values);
  EXPECT_NE(values[0], values[1]);
  observation.image = EncodeRaw({220, 220, std::vector<uint8_t>(3 * 220 * 220)});
  EXPECT_NE(q.Embed(observation).status().message().find("240x224"), std::string::npos);
}

TEST(Grasping44Test, RefusesSizesThatLeaveNothing) {
  EXPECT_FALSE(CheckNetwork(Config(216)).ok());
  EXPECT_FALSE(CheckNetwork(Config(219)).ok());
  EXPECT_TRUE(CheckNetwork(Config(218)).ok());
  torch::NoGradGuard no_grad;
  const NetworkPtr net = MakePaperNet(218);
  EXPECT_EQ(net->Head(net->Tower(torch::zeros({1, 3, 218, 218})), {},
                      torch::zeros({1, 1, kNumPaperScalars}))
                .numel(),
            1);
}

}  // namespace
}  // namespace qt::qnet
