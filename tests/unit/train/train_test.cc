// The trainer on a tiny world of its own: two kinds of images, and closing is right on one of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "image/image.h"
#include "qnet/model.h"
#include "support/temp_dir.h"
#include "train/checkpoint.h"
#include "train/train_loop.h"
#include "train/updater.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

namespace fs = std::filesystem;

// Built step by step: GCC 12 warns wrongly about nested initialiser lists of shared pointers.
std::vector<TargetedState> States(const replay::EpisodePtr& episode,
                                  const std::vector<std::vector<TargetedAction>>& actions_of_step) {
  std::vector<TargetedState> states;
  for (size_t t = 0; t < actions_of_step.size(); ++t) {
    TargetedState state;
    state.sample.episode = episode;
    state.sample.t = static_cast<uint32_t>(t);
    state.actions = actions_of_step[t];
    states.push_back(std::move(state));
  }
  return states;
}

// The Q-values of a trained policy at the second step of episode `index`.
float QOfClosing(const std::string& policy, int index) {
  const auto model = qnet::LoadModel(policy);
  EXPECT_TRUE(model.ok()) << model.status().ToString();
  const auto state = model->q_function->Embed(TwoSteps(index).steps[1].observation);
  const Action close = Action::Close();
  float q = 0;
  model->q_function->Score(**state, {&close, 1}, {&q, 1});
  return q;
}

TEST_F(TrainTest, LearnsWhichImageMeansSuccess) {
  TrainConfig config = SmallConfig();
  config.augment = false;
  ASSERT_TRUE(Train("run", 150, config).ok());
  const std::string policy = dir_.path() + "/run/policy.safetensors";
  EXPECT_GT(QOfClosing(policy, 0), 0.7);
  EXPECT_LT(QOfClosing(policy, 1), 0.2);
}

TEST_F(TrainTest, StoppingHalfWayAndGoingOnGivesTheSameBytes) {
  const TrainConfig config = SmallConfig();
  ASSERT_TRUE(Train("whole", 30, config).ok());
  ASSERT_TRUE(Train("halves", 13, config).ok());
  const auto second = Train("halves", 30, config);
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  EXPECT_EQ(second->first_step, 13);
  EXPECT_EQ(Read("whole/checkpoints/step-00000030.safetensors"),
            Read("halves/checkpoints/step-00000030.safetensors"));
  EXPECT_EQ(Read("whole/policy.safetensors"), Read("halves/policy.safetensors"));
}

TEST_F(TrainTest, AnotherSeedGivesAnotherRun) {
  TrainConfig config = SmallConfig();
  ASSERT_TRUE(Train("a", 3, config).ok());
  config.seed = 4;
  ASSERT_TRUE(Train("b", 3, config).ok());
  EXPECT_NE(Read("a/policy.safetensors"), Read("b/policy.safetensors"));
}

TEST_F(TrainTest, UpdaterThreadsMakeTargetsWhileTheTrainerSteps) {
  TrainConfig config = SmallConfig();
  config.updaters = 1;
  const auto summary = Train("run", 40, config);
  ASSERT_TRUE(summary.ok()) << summary.status().ToString();
  EXPECT_EQ(summary->last_step, 40);
  EXPECT_EQ(summary->target_seconds, 0);
}

TEST_F(TrainTest, ALossThatIsNotFiniteStopsTheRunAndChangesNothing) {
  const TrainConfig config = SmallConfig();
  Learner learner(config);
  RandomStream rng(1);
  Batch batch = MakeBatch(States(replay_.Episodes()[0], {{{Action::Close(), 0.5f}}}), config, rng);
  ASSERT_TRUE(learner.Step(batch).ok());
  batch.target_BA.fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_FALSE(learner.Step(batch).ok());
  EXPECT_EQ(learner.step(), 1);
}

TEST(LearnerTest, TheLaggedCopyIsAsOldAsItShould) {
  TrainConfig config = SmallConfig();
  config.lag_steps = 8;
  Learner learner(config);
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  RandomStream rng(1);
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(
        learner.Step(MakeBatch(States(episode, {{{Action::Close(), 0.5f}}}), config, rng)).ok());
    if (learner.step() >= 3 * config.lag_steps) {
      EXPECT_GE(learner.lagged_age(), 8);
      EXPECT_LE(learner.lagged_age(), 9);
    }
  }
}

TEST(MakeTargetsTest, TargetsCanBeReturnsOrOfOneNetwork) {
  TrainConfig config = SmallConfig();
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  replay::Sample sample;
  sample.episode = episode;
  Learner learner(config);
  RandomStream rng(1);
  config.clipped_double = false;
  const auto single = MakeTargets(sample, learner.targets(), config, 0, rng);
  ASSERT_TRUE(single.ok());
  EXPECT_EQ(single->clipped_gap, 0);
  EXPECT_GT(single->value, 0);
  config.bootstrap = false;
  const auto returns = MakeTargets(sample, learner.targets(), config, 0, rng);
  ASSERT_TRUE(returns.ok());
  EXPECT_FLOAT_EQ(returns->actions[0].target, -0.05f + 0.9f);
}

TEST(BatchTest, PaddingHasNoWeightAndMirroringKeepsTheTarget) {
  TrainConfig config = SmallConfig();
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  RandomStream rng(1);
  const Batch batch = MakeBatch(
      States(episode,
             {{{Action::Close(), 0.5f}}, {{Action::Close(), 0.25f}, {Action::Open(), 0.75f}}}),
      config, rng);
  EXPECT_EQ(batch.weight_BA.sum().item<float>(), 3);
  EXPECT_EQ(batch.target_BA[1][1].item<float>(), 0.75f);
  EXPECT_EQ(batch.image_BCHW.sizes(), (std::vector<int64_t>{2, 3, kSize_px, kSize_px}));
  EXPECT_LE(batch.image_BCHW.abs().max().item<float>(), 0.5f);
}

TEST(BatchTest, WithoutAugmentationTheNetworkSeesTheRecordedImage) {
  TrainConfig config = SmallConfig();
  config.augment = false;
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  RandomStream rng(1);
  const Batch batch = MakeBatch(States(episode, {{{Action::Close(), 0.5f}}}), config, rng);
  const std::vector<uint8_t>& rgb_HWC = episode->observations[0].image.bytes;
  const torch::Tensor seen_HWC = batch.image_BCHW[0].permute({1, 2, 0}).contiguous();
  ASSERT_EQ(seen_HWC.numel(), static_cast<int64_t>(rgb_HWC.size()));
  for (size_t i = 0; i < rgb_HWC.size(); ++i) {
    ASSERT_NEAR(seen_HWC.data_ptr<float>()[i], rgb_HWC[i] / 255.0f - 0.5f, 1e-6) << i;
  }
}

TEST(TrainConfigTest, RoundTripsThroughJson) {
  TrainConfig config = SmallConfig();
  config.label = "sim";
  config.task.termination = Termination::kLearned;
  config.bootstrap = false;
  config.step_reward = -0.02;
  config.network.architecture = *qnet::ArchitectureName::Parse("add");
  const auto copy = TrainConfigFromJson(ToJson(config));
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(ToJson(*copy), ToJson(config));
  EXPECT_FALSE(TrainConfigFromJson(Json{{"network", 3}}).ok());
}

}  // namespace
}  // namespace qt::train
