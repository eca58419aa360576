#include "train/updater.h"

#include <gtest/gtest.h>

#include "train/learner.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

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
  config.targets = TargetKind::kReturns;
  const auto returns = MakeTargets(sample, learner.targets(), config, 0, rng);
  ASSERT_TRUE(returns.ok());
  EXPECT_FLOAT_EQ(returns->actions[0].target, -0.05f + 0.9f);
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

}  // namespace
}  // namespace qt::train
