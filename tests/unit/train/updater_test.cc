// SPDX-License-Identifier: Apache-2.0
#include "train/updater.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/learner.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

TargetedState TargetsOf(const replay::Sample& sample, const Learner& learner,
                        const TrainConfig& config, RandomStream& rng) {
  TargetMaker maker(learner.targets(), config, 0);
  maker.Add(sample, rng);
  return (*maker.Make())[0];
}

TEST(TargetMakerTest, TargetsCanBeReturnsOrOfOneNetwork) {
  TrainConfig config = SmallConfig();
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  replay::Sample sample;
  sample.episode = episode;
  Learner learner(config);
  RandomStream rng(1);
  config.clipped_double = false;
  const TargetedState single = TargetsOf(sample, learner, config, rng);
  EXPECT_EQ(single.clipped_gap, 0);
  EXPECT_GT(single.value, 0);
  config.targets = TargetKind::kReturns;
  const TargetedState returns = TargetsOf(sample, learner, config, rng);
  EXPECT_FLOAT_EQ(returns.actions[0].target, -0.05f + 0.9f);
}

TEST(TargetMakerTest, AStateHasTheSameTargetsInCompany) {
  const TrainConfig config = SmallConfig();
  const Learner learner(config);
  std::vector<replay::Sample> samples;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const auto episode = *replay::MakeReplayEpisode(TwoSteps(seed), "", TaskConfig());
    for (const uint32_t t : {0u, 1u}) samples.push_back({episode, t});
  }
  RandomStream rng_alone(1), rng_together(1);
  TargetMaker maker(learner.targets(), config, 0);
  for (const replay::Sample& sample : samples) maker.Add(sample, rng_together);
  const auto together = maker.Make();
  ASSERT_TRUE(together.ok());
  ASSERT_EQ(together->size(), samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const TargetedState alone = TargetsOf(samples[i], learner, config, rng_alone);
    const TargetedState& same = (*together)[i];
    EXPECT_EQ(same.sample.t, samples[i].t);
    ASSERT_EQ(same.actions.size(), alone.actions.size());
    EXPECT_NEAR(same.value, alone.value, 1e-5);
    for (size_t a = 0; a < alone.actions.size(); ++a) {
      EXPECT_NEAR(same.actions[a].target, alone.actions[a].target, 1e-5);
    }
  }
  EXPECT_EQ(rng_alone.Next(), rng_together.Next());
  EXPECT_TRUE(maker.Make()->empty());
}

TEST(UpdaterTest, TheOnlineShareRisesFromOnePerCentSinceTheFirstOnlineEpisode) {
  TrainConfig config;
  config.online_share = 0.5;
  config.online_ramp_steps = 1000;
  EXPECT_NEAR(OnlineShare(config, 200, 200), 0.01, 1e-9);
  EXPECT_NEAR(OnlineShare(config, 700, 200), 0.255, 1e-9);
  EXPECT_NEAR(OnlineShare(config, 5000, 200), 0.5, 1e-9);
  config.online_share = 0;
  EXPECT_EQ(OnlineShare(config, 700, 200), 0);
}

TargetedState StateOf(const replay::EpisodePtr& episode, int64_t target_step) {
  TargetedState state;
  state.sample.episode = episode;
  state.target_step = target_step;
  return state;
}

std::vector<int64_t> TargetSteps(const TrainBuffer& buffer) {
  std::vector<int64_t> steps;
  for (const TargetedState& state : buffer.OldestFirst()) steps.push_back(state.target_step);
  return steps;
}

TEST(TrainBufferTest, IsARingThatForgetsEvictedEpisodes) {
  const auto kept = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  const auto lost = *replay::MakeReplayEpisode(TwoSteps(1), "", TaskConfig());
  TrainBuffer buffer(4);
  for (int i = 0; i < 6; ++i) buffer.Push(StateOf(i % 2 == 0 ? kept : lost, i));
  EXPECT_THAT(TargetSteps(buffer), ::testing::ElementsAre(2, 3, 4, 5));
  lost->evicted = true;
  EXPECT_EQ(buffer.DropEvicted(), 2u);
  EXPECT_THAT(TargetSteps(buffer), ::testing::ElementsAre(2, 4));
  for (int i = 6; i < 9; ++i) buffer.Push(StateOf(kept, i));
  EXPECT_THAT(TargetSteps(buffer), ::testing::ElementsAre(4, 6, 7, 8));
  EXPECT_EQ(buffer.num_pushed(), 9u);
}

}  // namespace
}  // namespace qt::train
