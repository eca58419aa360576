// SPDX-License-Identifier: Apache-2.0
#include "train/initial_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "json/json.h"
#include "tensors/safetensors.h"
#include "train/batch.h"
#include "train/learner.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

using ::testing::HasSubstr;

class InitialWeightsTest : public TrainTest {
 protected:
  void SetUp() override {
    config_.polyak = 0.999;
    config_.task.discount = 0.97;
    LoopOptions options = Twenty();
    options.lineage = [] { return Json{{"programs", Json::array()}}; };
    ASSERT_TRUE(Train("first", options, config_).ok());
  }

  static LoopOptions Twenty() {
    LoopOptions options;
    options.config.steps = 20;
    options.config.log_steps = 5;
    return options;
  }

  // Two networks: that of the file, and one whose numbers are all one less.
  std::string Ensemble() {
    tensors::SafetensorsFile file = *tensors::LoadSafetensors(policy_);
    std::vector<tensors::Tensor> both;
    for (int i = 0; i < 2; ++i) {
      for (tensors::Tensor tensor : file.tensors) {
        tensor.name.insert(std::string("policy").size(), "." + std::to_string(i));
        auto* numbers = reinterpret_cast<float*>(tensor.bytes.data());
        for (size_t n = 0; n < tensor.bytes.size() / sizeof(float); ++n) {
          numbers[n] -= static_cast<float>(i);
        }
        both.push_back(std::move(tensor));
      }
    }
    const Json training = Json::parse(file.metadata["training"]);
    file.metadata["networks"] = "2";
    file.metadata["step"] = "50";
    file.metadata["training"] =
        Json{{"members", {{{"step", 20}, {"training", training}}, {{"step", 30}}}}}.dump();
    const std::string path = dir_.path() + "/two.safetensors";
    EXPECT_TRUE(tensors::SaveSafetensors(path, both, file.metadata, Overwrite::kYes).ok());
    return path;
  }

  static float FirstNumber(const InitialWeights& weights) {
    return *reinterpret_cast<const float*>(weights.tensors.front().bytes.data());
  }

  TrainConfig config_ = SmallConfig();
  const std::string policy_ = dir_.path() + "/first/policy.safetensors";
};

TEST_F(InitialWeightsTest, APolicyGivesItsWeightsAndHowItLearned) {
  const auto weights = ReadInitialWeights({policy_, 1});
  ASSERT_TRUE(weights.ok()) << weights.status().ToString();
  EXPECT_EQ(weights->steps, 20);
  EXPECT_EQ(weights->digest, tensors::LoadSafetensors(policy_)->sha256);
  TrainConfig mine;
  mine.seed = 77;
  mine.label = "image_diff";
  const TrainConfig learning = LearningAs(*weights, mine);
  EXPECT_EQ(learning.polyak, 0.999);
  EXPECT_EQ(learning.task.discount, 0.97);
  EXPECT_EQ(learning.network.tower_channels, 8);
  EXPECT_EQ(learning.seed, 77u);
  EXPECT_EQ(learning.label, "image_diff");
}

TEST_F(InitialWeightsTest, AllNetworksOfTheLearnerBeginWithThem) {
  const auto weights = ReadInitialWeights({policy_, 1});
  ASSERT_TRUE(weights.ok());
  Learner learner(config_);
  ASSERT_TRUE(learner.Begin(*qnet::ToNamed(weights->tensors), weights->steps).ok());
  std::vector<tensors::Tensor> now;
  tensors::TensorMetadata metadata;
  learner.Append(now, metadata);
  const qnet::NamedTensors first = *qnet::ToNamed(weights->tensors);
  size_t compared = 0;
  const qnet::NamedTensors named = *qnet::ToNamed(now);
  for (const auto& [name, tensor] : named) {
    const size_t slash = name.find('/');
    if (name.starts_with("adamw")) continue;
    EXPECT_TRUE(torch::equal(tensor, first.at("policy" + name.substr(slash)))) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 5 * first.size());  // online, polyak, lagged.0 and the published pair
  EXPECT_EQ(learner.step(), 0);
  EXPECT_EQ(learner.total_steps(), 20);
}

// A fresh network's average forgets its beginning at once; that of a trained one must not.
TEST_F(InitialWeightsTest, TheAverageOfATrainedNetworkIsAsSlowAsItWas) {
  const auto moved = [&](int64_t steps) {
    Learner learner(config_);
    const auto weights = ReadInitialWeights({policy_, 1});
    EXPECT_TRUE(learner.Begin(*qnet::ToNamed(weights->tensors), steps).ok());
    RandomStream rng(1, "batch");
    TargetMaker maker(learner.targets(), config_, 0);
    maker.Add(replay_.Draw({}, rng), rng);
    const TargetedState state = (*maker.Make())[0];
    const torch::Tensor before = learner.polyak()->parameters()[0].clone();
    EXPECT_TRUE(learner.Step(MakeBatch({state, state}, config_, rng)).ok());
    return (learner.polyak()->parameters()[0] - before).abs().sum().item<double>();
  };
  EXPECT_NEAR(moved(1'000'000) / moved(0), 0.001 / 0.9, 2e-4);
}

TEST_F(InitialWeightsTest, ARunThatBeganWithAPolicyResumesExactly) {
  const auto weights = ReadInitialWeights({policy_, 1});
  ASSERT_TRUE(weights.ok());
  LoopOptions options = Twenty();
  options.init = &*weights;
  ASSERT_TRUE(Train("whole", options, config_).ok());
  options.config.steps = 7;
  ASSERT_TRUE(Train("halves", options, config_).ok());
  options.config.steps = 20;
  options.init = nullptr;
  ASSERT_TRUE(Train("halves", options, config_).ok());
  EXPECT_EQ(Read("whole/checkpoints/step-00000020.safetensors"),
            Read("halves/checkpoints/step-00000020.safetensors"));
  EXPECT_EQ(ReadInitialWeights({dir_.path() + "/whole/policy.safetensors", 1})->steps, 40);
  ASSERT_TRUE(Train("plain", Twenty(), config_).ok());
  EXPECT_NE(Read("whole/policy.safetensors"), Read("plain/policy.safetensors"));
}

TEST_F(InitialWeightsTest, ACheckpointGivesItsActingWeights) {
  const auto weights =
      ReadInitialWeights({dir_.path() + "/first/checkpoints/step-00000020.safetensors", 1});
  ASSERT_TRUE(weights.ok()) << weights.status().ToString();
  const auto of_policy = ReadInitialWeights({policy_, 1});
  ASSERT_TRUE(of_policy.ok());
  EXPECT_EQ(FirstNumber(*weights), FirstNumber(*of_policy));
  EXPECT_EQ(weights->tensors.size(), of_policy->tensors.size());
  EXPECT_EQ(weights->steps, 20);
  EXPECT_EQ(weights->config.polyak, 0.999);
}

TEST_F(InitialWeightsTest, OfAnEnsembleOneNetworkIsTaken) {
  const std::string two = Ensemble();
  const auto first = ReadInitialWeights({two, 1});
  const auto second = ReadInitialWeights({two, 2});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->num_networks, 2);
  EXPECT_EQ(first->steps, 20);
  EXPECT_EQ(second->steps, 30);
  EXPECT_FLOAT_EQ(FirstNumber(*first) - 1, FirstNumber(*second));
  EXPECT_THAT(ReadInitialWeights({two, 3}).status().ToString(),
              HasSubstr("--init-network 3: the policy has 2"));
}

TEST_F(InitialWeightsTest, WhatTheWeightsDoNotFitIsNamed) {
  const auto weights = ReadInitialWeights({policy_, 1});
  ASSERT_TRUE(weights.ok());
  TrainConfig given = LearningAs(*weights, {});
  EXPECT_TRUE(CheckFits(*weights, given).ok());
  given.learning_rate = 1e-5;
  given.task.discount = 0.9;
  EXPECT_TRUE(CheckFits(*weights, given).ok());
  given.network.tower_channels = 16;
  EXPECT_THAT(CheckFits(*weights, given).message(), HasSubstr("--tower-channels is 8 in "));
  given = LearningAs(*weights, {});
  given.crop = 12;
  EXPECT_THAT(CheckFits(*weights, given).message(), HasSubstr("--crop is 0 in "));
}

TEST_F(InitialWeightsTest, WhatIsNoPolicyIsRefusedByItsName) {
  ASSERT_TRUE(WriteWholeFile(dir_.path() + "/text", "not a policy", Overwrite::kNo).ok());
  EXPECT_THAT(ReadInitialWeights({dir_.path() + "/text", 1}).status().ToString(),
              HasSubstr(dir_.path() + "/text: "));
  EXPECT_EQ(ReadInitialWeights({dir_.path() + "/none", 1}).status().code(), Code::kNotFound);
  tensors::SafetensorsFile file = *tensors::LoadSafetensors(policy_);
  file.tensors.pop_back();
  const std::string path = dir_.path() + "/short.safetensors";
  ASSERT_TRUE(tensors::SaveSafetensors(path, file.tensors, file.metadata, Overwrite::kYes).ok());
  EXPECT_THAT(ReadInitialWeights({path, 1}).status().ToString(), HasSubstr("is missing"));
}

}  // namespace
}  // namespace qt::train
