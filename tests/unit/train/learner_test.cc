// SPDX-License-Identifier: Apache-2.0
#include "train/learner.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

// The paper's network at the smallest image that it can be built for.
constexpr int kSide_px = 218, kFrame_px = 222;

TrainConfig PaperConfig() {
  TrainConfig config;
  config.network.architecture = *qnet::ArchitectureName::Parse("grasping44");
  config.network.image_width_px = config.network.image_height_px = kSide_px;
  config.network.frame_width_px = config.network.frame_height_px = kFrame_px;
  config.optimizer = OptimizerKind::kSgd;
  config.learning_rate = 0.02;
  config.weight_decay = 7e-5;
  config.max_grad_norm = 0;
  config.actions = 1;
  config.symmetry = false;
  config.polyak = 0.9;
  config.seed = 3;
  return config;
}

// One step, closing; no camera. A bright picture is worth 0.9, a dark one 0.1.
TargetedState State(bool bright) {
  auto episode = std::make_shared<replay::ReplayEpisode>();
  episode->images.push_back(
      {kFrame_px, kFrame_px, std::vector<uint8_t>(3 * kFrame_px * kFrame_px, bright ? 200 : 50)});
  episode->states.push_back({});
  episode->actions.push_back(Action::Close());
  TargetedState state;
  state.sample.episode = episode;
  state.actions.push_back({Action::Close(), bright ? 0.9f : 0.1f});
  return state;
}

std::vector<tensors::Tensor> Saved(const Learner& learner, tensors::TensorMetadata& metadata) {
  std::vector<tensors::Tensor> tensors;
  learner.Append(tensors, metadata);
  return tensors;
}

TEST(LearnerPaperTest, LearnsAndGoesOnExactlyFromItsCheckpoint) {
  qnet::SetComputeThreads(1);
  const TrainConfig config = PaperConfig();
  Learner learner(config), resumed(config);
  RandomStream rng(1);
  const Batch batch = MakeBatch({State(true), State(false)}, config, rng);
  ASSERT_EQ(batch.image_BCHW.sizes(), (std::vector<int64_t>{2, 3, kSide_px, kSide_px}));
  double first_loss = 0, loss = 0;
  for (int i = 0; i < 6; ++i) {
    const auto metrics = learner.Step(batch);
    ASSERT_TRUE(metrics.ok());
    loss = metrics->loss;
    if (i == 0) first_loss = loss;
  }
  EXPECT_LT(loss, 0.9 * first_loss);

  tensors::TensorMetadata metadata, ours, theirs;
  ASSERT_TRUE(resumed.Restore(*qnet::ToNamed(Saved(learner, metadata)), metadata).ok());
  ASSERT_TRUE(learner.Step(batch).ok());
  ASSERT_TRUE(resumed.Step(batch).ok());
  const auto a = Saved(learner, ours), b = Saved(resumed, theirs);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].bytes, b[i].bytes) << a[i].name;
}

TEST(LearnerPaperTest, TargetsSeeTheMovingStatistics) {
  qnet::SetComputeThreads(1);
  const TrainConfig config = PaperConfig();
  Learner learner(config);
  RandomStream rng(1);
  const Batch batch = MakeBatch({State(true), State(false)}, config, rng);
  ASSERT_TRUE(learner.Step(batch).ok());
  learner.PublishTargets();
  const auto buffers = learner.polyak()->named_buffers();
  EXPECT_FALSE(learner.polyak()->is_training());
  // The first step's statistics count in full.
  EXPECT_GT(buffers["conv1_norm.moving_mean"].abs().max().item<float>(), 1e-4);
  const replay::EpisodePtr episode = State(true).sample.episode;
  const auto state = learner.targets().polyak->EmbedImage(episode->images[0], episode->states[0]);
  ASSERT_TRUE(state.ok());
  const Action close = Action::Close();
  float q = -1;
  learner.targets().polyak->Score(**state, {&close, 1}, {&q, 1});
  EXPECT_TRUE(q >= 0 && q <= 1) << q;
}

using LearnerTest = TrainTest;

TEST_F(LearnerTest, ALossThatIsNotFiniteStopsTheRunAndChangesNothing) {
  const TrainConfig config = SmallConfig();
  Learner learner(config);
  RandomStream rng(1);
  Batch batch =
      MakeBatch(StatesOf(replay_.Episodes()[0], {{{Action::Close(), 0.5f}}}), config, rng);
  ASSERT_TRUE(learner.Step(batch).ok());
  batch.target_BA.fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_FALSE(learner.Step(batch).ok());
  EXPECT_EQ(learner.step(), 1);
}

TEST_F(LearnerTest, TheLaggedCopyIsAsOldAsItShould) {
  TrainConfig config = SmallConfig();
  config.lag_steps = 8;
  Learner learner(config);
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  RandomStream rng(1);
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(
        learner.Step(MakeBatch(StatesOf(episode, {{{Action::Close(), 0.5f}}}), config, rng)).ok());
    if (learner.step() >= 3 * config.lag_steps) {
      EXPECT_GE(learner.lagged_age(), 8);
      EXPECT_LE(learner.lagged_age(), 9);
    }
  }
}

TrainConfig Config(OptimizerKind kind) {
  TrainConfig config;
  config.optimizer = kind;
  config.learning_rate = 0.03;
  config.weight_decay = 0.1;
  return config;
}

// Six steps on the same loss, with our optimiser and with LibTorch's own.
template <typename Theirs>
void ExpectTheSame(const TrainConfig& config, Theirs theirs_of) {
  torch::manual_seed(1);
  torch::nn::Linear ours(torch::nn::LinearOptions(5, 3).bias(false));
  auto theirs = std::dynamic_pointer_cast<torch::nn::LinearImpl>(ours->clone());
  Optimizer optimizer(config, *ours);
  auto expected = theirs_of(theirs->parameters());
  const torch::Tensor x = torch::randn({7, 5});
  for (int step = 1; step <= 6; ++step) {
    optimizer.ZeroGrad();
    ours(x).pow(2).sum().backward();
    optimizer.Step(step);
    expected.zero_grad();
    theirs->forward(x).pow(2).sum().backward();
    expected.step();
    EXPECT_TRUE(torch::allclose(ours->weight, theirs->weight, 1e-5, 1e-6)) << step;
  }
}

TEST(OptimizerTest, AdamWIsLibTorchs) {
  ExpectTheSame(Config(OptimizerKind::kAdamW), [](const auto& parameters) {
    return torch::optim::AdamW(parameters, torch::optim::AdamWOptions(0.03).weight_decay(0.1));
  });
}

TEST(OptimizerTest, SgdIsLibTorchs) {
  ExpectTheSame(Config(OptimizerKind::kSgd), [](const auto& parameters) {
    return torch::optim::SGD(parameters,
                             torch::optim::SGDOptions(0.03).momentum(0.9).weight_decay(0.1));
  });
}

TEST(OptimizerTest, TheL2TermIsOfWeightsOnly) {
  torch::nn::Linear linear(2, 2);
  torch::nn::init::ones_(linear->weight);
  torch::nn::init::ones_(linear->bias);
  Optimizer optimizer(Config(OptimizerKind::kSgd), *linear);
  (linear(torch::ones({1, 2})).sum() * 0).backward();
  optimizer.Step(1);
  EXPECT_FLOAT_EQ(linear->weight[0][0].item<float>(), 1 - 0.03f * 0.1f);
  EXPECT_EQ(linear->bias[0].item<float>(), 1);
}

TEST(OptimizerTest, TheRateFallsInStairs) {
  TrainConfig config = Config(OptimizerKind::kSgd);
  const torch::nn::Linear linear(2, 2);
  EXPECT_EQ(Optimizer(config, *linear).LearningRate(1000), 0.03);
  config.rate_decay = 0.5;
  config.rate_decay_steps = 10;
  const Optimizer optimizer(config, *linear);
  EXPECT_EQ(optimizer.LearningRate(1), 0.03);
  EXPECT_EQ(optimizer.LearningRate(10), 0.03);
  EXPECT_EQ(optimizer.LearningRate(11), 0.015);
  EXPECT_EQ(optimizer.LearningRate(21), 0.0075);
}

TEST(OptimizerTest, StateRoundTripsAndErrorsNameIt) {
  for (OptimizerKind kind : {OptimizerKind::kAdamW, OptimizerKind::kSgd}) {
    torch::nn::Linear linear(2, 2);
    Optimizer from(Config(kind), *linear), to(Config(kind), *linear);
    linear(torch::ones({1, 2})).sum().backward();
    from.Step(1);
    std::vector<tensors::Tensor> saved, again;
    from.Append(saved);
    qnet::NamedTensors named = *qnet::ToNamed(saved);
    ASSERT_TRUE(to.Restore(named).ok());
    to.Append(again);
    ASSERT_EQ(saved.size(), again.size());
    for (size_t i = 0; i < saved.size(); ++i) EXPECT_EQ(saved[i].bytes, again[i].bytes);
    named.erase(saved[0].name);
    EXPECT_NE(to.Restore(named).message().find(saved[0].name), std::string::npos);
  }
}

}  // namespace
}  // namespace qt::train
