#include "train/optimizer.h"

#include <gtest/gtest.h>

namespace qt::train {
namespace {

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
