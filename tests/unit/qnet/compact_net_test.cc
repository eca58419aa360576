// SPDX-License-Identifier: Apache-2.0
#include "qnet/compact_net.h"

#include <gtest/gtest.h>

#include "qnet/conv_of_constant.h"
#include "qnet/network_q_function.h"
#include "qnet/tensor_io.h"
#include "support/sample_observation.h"

namespace qt::qnet {
namespace {

NetworkConfig Named(const char* architecture) {
  NetworkConfig config;
  config.architecture = *ArchitectureName::Parse(architecture);
  return config;
}

NetworkPtr MakeNet(const NetworkConfig& config = {}) {
  torch::manual_seed(1);
  return MakeNetwork(config);
}

int64_t CountParameters(const NetworkPtr& net) {
  int64_t count = 0;
  for (const auto& parameter : net->parameters()) count += parameter.numel();
  return count;
}

// conv 3-16-32-32-32.
constexpr int64_t kTowerParameters = 1216 + 4640 + 9248 + 9248;

TEST(AlignedNetTest, ShapesAndParameters) {
  const NetworkPtr net = MakeNet();
  const Features features = net->Tower(torch::zeros({2, 3, 64, 64}));
  EXPECT_EQ(features.map_BChw.sizes(), (std::vector<int64_t>{2, 32, 16, 16}));
  EXPECT_EQ(features.mean_BC.sizes(), (std::vector<int64_t>{2, 32}));
  const torch::Tensor logits =
      net->Head(features, torch::zeros({2, 5, kNumPoints, 2}), torch::zeros({2, 5, kNumScalars}));
  EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{2, 5}));
  // Norm and a 629-160-128-1 head.
  EXPECT_EQ(CountParameters(net), kTowerParameters + 1258 + 100800 + 320 + 20608 + 129);
}

TEST(AlignedNetTest, CellsAreCentredOnEveryFourthPixel) {
  // A map that holds its own column number, read at pixel u, gives u / 4.
  const torch::Tensor map = torch::arange(16, torch::kFloat32).expand({1, 1, 16, 16}).contiguous();
  for (float u_px : {0.0f, 4.0f, 10.0f, 60.0f}) {
    const float grid[] = {PixelToGrid(u_px, 64), PixelToGrid(32, 64)};
    const torch::Tensor value = torch::grid_sampler(
        map, torch::from_blob(const_cast<float*>(grid), {1, 1, 1, 2}), 0, 1, false);
    EXPECT_NEAR(value.item<float>(), u_px / 4, 1e-4);
  }
}

TEST(AlignedNetTest, AFreshNetworkExpectsLittle) {
  const NetworkQFunction q(MakeNet(), NetworkConfig(), TaskConfig());
  const auto state = q.Embed(test::SampleObservation(50));
  ASSERT_TRUE(state.ok());
  const Action actions[] = {Action::Close(), Action::Move(0.05, 0, -0.1, 0)};
  float values[2];
  q.Score(**state, actions, values);
  for (float value : values) EXPECT_NEAR(value, 0.12, 0.08);
}

TEST(AlignedNetTest, ScoresDependOnTheImageTheActionAndNotOnTheCompany) {
  const NetworkQFunction q(MakeNet(), NetworkConfig(), TaskConfig());
  const auto state = *q.Embed(test::SampleObservation(50)),
             other = *q.Embed(test::SampleObservation(120));
  const Action actions[] = {Action::Move(0.05, 0, -0.1, 0), Action::Move(-0.05, 0, -0.1, 0)};
  float both[2], alone, elsewhere;
  q.Score(*state, actions, both);
  q.Score(*state, {&actions[1], 1}, {&alone, 1});
  q.Score(*other, {&actions[1], 1}, {&elsewhere, 1});
  EXPECT_NE(both[0], both[1]);
  EXPECT_NEAR(both[1], alone, 1e-6);
  EXPECT_NE(alone, elsewhere);
}

TEST(AddNetTest, ShapesAndParameters) {
  const NetworkPtr net = MakeNet(Named("add"));
  const torch::Tensor logits =
      net->Head(net->Tower(torch::rand({2, 3, 64, 64})), {}, torch::rand({2, 5, kNumScalars}));
  EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{2, 5}));
  // The vector 21-160-32, two convolutions 32-32, and 512-128-1.
  EXPECT_EQ(CountParameters(net),
            kTowerParameters + 3520 + 320 + 5152 + 2 * 9248 + 65664 + 256 + 129);
}

TEST(MlpNetTest, ShapesAndParameters) {
  const NetworkPtr net = MakeNet(Named("mlp"));
  const torch::Tensor logits =
      net->Head(net->Tower(torch::rand({2, 3, 64, 64})), {}, torch::rand({2, 5, kNumScalars}));
  EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{2, 5}));
  // 8 x 8 cells of 32 channels and 21 numbers into 160, then 160-128-1.
  EXPECT_EQ(CountParameters(net), kTowerParameters + 327840 + 3520 + 320 + 20608 + 129);
}

TEST(MergeTest, WithoutProjectionNoCameraIsNeededAndTheActionStillCounts) {
  for (const char* name : {"add", "mlp"}) {
    const NetworkQFunction q(MakeNet(Named(name)), Named(name), TaskConfig());
    Observation observation = test::SampleObservation(50);
    observation.camera = CameraModel();
    const auto state = q.Embed(observation), other = q.Embed(test::SampleObservation(120));
    ASSERT_TRUE(state.ok() && other.ok());
    const Action actions[] = {Action::Move(0.05, 0, -0.1, 0), Action::Close()};
    float values[2], elsewhere[2];
    q.Score(**state, actions, values);
    q.Score(**other, actions, elsewhere);
    EXPECT_NE(values[0], values[1]);
    EXPECT_NE(values[0], elsewhere[0]);
  }
}

// Values and gradients, with points inside, on the border and far outside of the map.
TEST(SampleInputsTest, EqualsGridSampler) {
  torch::manual_seed(4);
  for (const bool channels_last : {false, true}) {
    const torch::Tensor grid = torch::rand({3, 2, 5, 2}) * 3 - 1.5;
    const torch::Tensor scalars = torch::rand({3, 2, 4}), factor = torch::rand({3, 2, 46});
    torch::Tensor map = torch::rand({3, 7, 6, 8});
    if (channels_last) map = map.contiguous(torch::MemoryFormat::ChannelsLast);
    std::vector<torch::Tensor> outputs, gradients;
    for (const auto sample : {SampleInputs, SampleInputsPlainly}) {
      const torch::Tensor leaf = map.clone().requires_grad_();
      outputs.push_back(sample({leaf, leaf.mean({2, 3})}, grid, scalars));
      (outputs.back() * factor).sum().backward();
      gradients.push_back(leaf.grad());
    }
    EXPECT_TRUE(torch::allclose(outputs[0], outputs[1], 1e-5, 1e-6));
    EXPECT_TRUE(torch::allclose(gradients[0], gradients[1], 1e-5, 1e-6));
  }
}

TEST(ConvOfSumTest, EqualsTheConvolutionOfTheSum) {
  torch::manual_seed(2);
  for (const auto& [kernel, stride, padding] :
       {std::tuple(3, 1, 1), std::tuple(3, 2, 1), std::tuple(5, 1, 2), std::tuple(3, 1, 0)}) {
    torch::nn::Conv2d conv(torch::nn::Conv2dOptions(4, 6, kernel).stride(stride).padding(padding));
    const torch::Tensor map = torch::randn({2, 4, 9, 8}), u = torch::randn({2, 3, 4});
    const torch::Tensor sum = (map.unsqueeze(1) + u.view({2, 3, 4, 1, 1})).reshape({6, 4, 9, 8});
    EXPECT_TRUE(torch::allclose(ConvOfSum(conv->weight, conv->bias, stride, padding, map, u),
                                conv(sum), 1e-5, 1e-5))
        << kernel << ' ' << stride << ' ' << padding;
  }
}

TEST(AlignedNetTest, SaysWhatItCannotUse) {
  const NetworkQFunction q(MakeNet(), NetworkConfig(), TaskConfig());
  Observation no_camera = test::SampleObservation(50);
  no_camera.camera = CameraModel();
  EXPECT_NE(q.Embed(no_camera).status().message().find("camera"), std::string::npos);
  Observation small = test::SampleObservation(50);
  small.image = EncodeRaw({32, 32, std::vector<uint8_t>(3 * 32 * 32)});
  EXPECT_NE(q.Embed(small).status().message().find("32x32"), std::string::npos);
}

}  // namespace
}  // namespace qt::qnet
