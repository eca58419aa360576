#include "qnet/aligned_net.h"

#include <gtest/gtest.h>

#include "image/image.h"
#include "qnet/aligned_q_function.h"
#include "qnet/tensor_io.h"

namespace qt::qnet {
namespace {

Observation MakeObservation(uint8_t shade) {
  Observation observation;
  std::vector<uint8_t> rgb(3 * 64 * 64);
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(shade + i * 7 % 90);
  observation.image = EncodeRaw({64, 64, std::move(rgb)});
  observation.camera = {.width_px = 64,
                        .height_px = 64,
                        .fx_px = 100,
                        .fy_px = 100,
                        .cx_px = 31.5,
                        .cy_px = 31.5,
                        .X_WC = {}};
  observation.camera.X_WC = {{0, 0, 0.6}, FromMatrix({{{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}})};
  observation.gripper.height_m = 0.18f;
  return observation;
}

AlignedNet MakeNet() {
  torch::manual_seed(1);
  return AlignedNet(NetworkConfig());
}

TEST(AlignedNetTest, ShapesAndParameters) {
  AlignedNet net = MakeNet();
  const Features features = net->Tower(torch::zeros({2, 3, 64, 64}));
  EXPECT_EQ(features.map_BChw.sizes(), (std::vector<int64_t>{2, 32, 16, 16}));
  EXPECT_EQ(features.mean_BC.sizes(), (std::vector<int64_t>{2, 32}));
  const torch::Tensor logits =
      net->Head(features, torch::zeros({2, 5, kNumPoints, 2}), torch::zeros({2, 5, kNumScalars}));
  EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{2, 5}));
  int64_t count = 0;
  for (const auto& parameter : net->parameters()) count += parameter.numel();
  // conv 3-16-32-32-32, norm and 629-160-128-1 head.
  EXPECT_EQ(count, 1216 + 4640 + 9248 + 9248 + 1258 + 100800 + 320 + 20608 + 129);
}

TEST(AlignedNetTest, CellsAreCentredOnEveryFourthPixel) {
  // A map that holds its own column number, read at pixel u, gives u / 4.
  AlignedNet net = MakeNet();
  const torch::Tensor map = torch::arange(16, torch::kFloat32).expand({1, 1, 16, 16}).contiguous();
  for (float u_px : {0.0f, 4.0f, 10.0f, 60.0f}) {
    const float grid[] = {PixelToGrid(u_px, 64), PixelToGrid(32, 64)};
    const torch::Tensor value = torch::grid_sampler(
        map, torch::from_blob(const_cast<float*>(grid), {1, 1, 1, 2}), 0, 1, false);
    EXPECT_NEAR(value.item<float>(), u_px / 4, 1e-4);
  }
}

TEST(AlignedNetTest, AFreshNetworkExpectsLittle) {
  const AlignedQFunction q(MakeNet(), NetworkConfig(), TaskConfig());
  const auto state = q.Embed(MakeObservation(50));
  ASSERT_TRUE(state.ok());
  const Action actions[] = {Action::Close(), Action::Move(0.05, 0, -0.1, 0)};
  float values[2];
  q.Score(**state, actions, values);
  for (float value : values) EXPECT_NEAR(value, 0.12, 0.08);
}

TEST(AlignedNetTest, ScoresDependOnTheImageTheActionAndNotOnTheCompany) {
  const AlignedQFunction q(MakeNet(), NetworkConfig(), TaskConfig());
  const auto state = *q.Embed(MakeObservation(50)), other = *q.Embed(MakeObservation(120));
  const Action actions[] = {Action::Move(0.05, 0, -0.1, 0), Action::Move(-0.05, 0, -0.1, 0)};
  float both[2], alone, elsewhere;
  q.Score(*state, actions, both);
  q.Score(*state, {&actions[1], 1}, {&alone, 1});
  q.Score(*other, {&actions[1], 1}, {&elsewhere, 1});
  EXPECT_NE(both[0], both[1]);
  EXPECT_NEAR(both[1], alone, 1e-6);
  EXPECT_NE(alone, elsewhere);
}

TEST(AlignedNetTest, SaysWhatItCannotUse) {
  const AlignedQFunction q(MakeNet(), NetworkConfig(), TaskConfig());
  Observation no_camera = MakeObservation(50);
  no_camera.camera = CameraModel();
  EXPECT_NE(q.Embed(no_camera).status().message().find("camera"), std::string::npos);
  Observation small = MakeObservation(50);
  small.image = EncodeRaw({32, 32, std::vector<uint8_t>(3 * 32 * 32)});
  EXPECT_NE(q.Embed(small).status().message().find("32x32"), std::string::npos);
}

TEST(TensorIoTest, ParametersRoundTripAndErrorsNameTheTensor) {
  AlignedNet from = MakeNet(), to(NetworkConfig{});
  std::vector<record::Tensor> tensors;
  AppendParameters("policy", *from, tensors);
  NamedTensors named = *ToNamed(tensors);
  ASSERT_TRUE(LoadParameters("policy", named, *to).ok());
  const auto a = from->parameters(), b = to->parameters();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::equal(a[i], b[i]));

  NamedTensors wrong_shape = named;
  wrong_shape["policy/linear3.bias"] = torch::zeros({2});
  EXPECT_NE(LoadParameters("policy", wrong_shape, *to).message().find("policy/linear3.bias"),
            std::string::npos);
  named.erase("policy/conv2.weight");
  EXPECT_NE(LoadParameters("policy", named, *to).message().find("policy/conv2.weight"),
            std::string::npos);
}

}  // namespace
}  // namespace qt::qnet
