// SPDX-License-Identifier: Apache-2.0
// The trainer on a tiny world of its own: two kinds of images, and closing is right on one of them.
#include <gtest/gtest.h>

#include "qnet/model.h"
#include "train/train_loop.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

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

}  // namespace
}  // namespace qt::train
