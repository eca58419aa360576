// SPDX-License-Identifier: Apache-2.0
// Settings of another cell: each changes what it says, and only if it is set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <numeric>

#include "image/image.h"
#include "sim/sim_robot.h"
#include "support/world_driver.h"

namespace qt::sim {
namespace {

using testing::HasSubstr;
using testing::Not;

RgbImage PictureUnder(const SceneConfig& config) { return FirstPicture(*MakeWorld(config)); }

double MeanOf(const RgbImage& image) {
  return std::accumulate(image.rgb_HWC.begin(), image.rgb_HWC.end(), 0.0) /
         double(image.rgb_HWC.size());
}

// Sum of the differences between neighbours: how sharp a picture is.
double EdgesOf(const RgbImage& image) {
  double sum = 0;
  for (size_t i = 3; i < image.rgb_HWC.size(); ++i) {
    sum += std::abs(image.rgb_HWC[i] - image.rgb_HWC[i - 3]);
  }
  return sum;
}

TEST(Conditions, LightBlurAndHueChangeThePictureAsTheySay) {
  SceneConfig config = RawConfig();
  const RgbImage usual = PictureUnder(config);
  config.light = 0.5;
  EXPECT_NEAR(MeanOf(PictureUnder(config)), 0.5 * MeanOf(usual), 0.05 * MeanOf(usual));
  config = RawConfig();
  config.camera_blur = 1;
  const RgbImage blurred = PictureUnder(config);
  EXPECT_LT(EdgesOf(blurred), 0.8 * EdgesOf(usual));
  EXPECT_NEAR(MeanOf(blurred), MeanOf(usual), 2);
  config = RawConfig();
  config.camera_hue_deg = 120;
  const RgbImage turned = PictureUnder(config);
  for (size_t i = 0; i < usual.rgb_HWC.size(); i += 3) {  // a third of a turn: red becomes green
    ASSERT_NEAR(turned.rgb_HWC[i + 1], usual.rgb_HWC[i], 1);
    ASSERT_NEAR(turned.rgb_HWC[i + 2], usual.rgb_HWC[i + 1], 1);
  }
}

TEST(Conditions, AWrongCameraIsSeenButNotRecorded) {
  SceneConfig config = RawConfig();
  auto usual = MakeWorld(config);
  config.camera_error = 1;
  auto wrong = MakeWorld(config);
  for (SimRobot* world : {usual.get(), wrong.get()}) {
    ASSERT_TRUE(world->NewBin(5).ok());
    ASSERT_TRUE(world->StartEpisode(1).ok());
  }
  const Observation a = *usual->Observe(), b = *wrong->Observe();
  EXPECT_EQ(a.camera.X_WC.p_m, b.camera.X_WC.p_m);
  EXPECT_NE(Decode(a.image)->rgb_HWC, Decode(b.image)->rgb_HWC);
  EXPECT_THAT(usual->env_config(), Not(HasSubstr("camera_error")));
  EXPECT_THAT(wrong->env_config(), HasSubstr("\"camera_error\":1"));
}

// Share of scripted grasps that hold.
double SuccessWith(double friction, double grip_force) {
  SceneConfig config = SmallConfig();
  config.friction = friction;
  config.grip_force = grip_force;
  auto world = MakeWorld(config);
  int held = 0;
  constexpr uint64_t kTrials = 10;
  for (uint64_t seed = 0; seed < kTrials; ++seed) {
    EXPECT_TRUE(world->NewBin(seed).ok());
    EXPECT_TRUE(world->StartEpisode(seed).ok());
    if (!GraspAndLift(*world, 0, 0.2)) continue;
    const auto test = world->Finish();
    EXPECT_TRUE(test.ok());
    held += test.ok() && test->truth->success;
  }
  return double(held) / kTrials;
}

TEST(Conditions, WhatIsSlipperyOrGrippedWeaklyFalls) {
  EXPECT_GE(SuccessWith(1, 1), 0.6);
  EXPECT_LE(SuccessWith(0.05, 0.2), 0.3);
  EXPECT_LE(SuccessWith(1, 0.05), 0.3);
}

TEST(Conditions, TimePassesBeforeAnAction) {
  SceneConfig config = SmallConfig();
  auto prompt = MakeWorld(config);
  config.action_delay_s = 0.3;
  auto late = MakeWorld(config);
  for (SimRobot* world : {prompt.get(), late.get()}) {
    ASSERT_TRUE(world->NewBin(5).ok());
    ASSERT_TRUE(world->StartEpisode(1).ok());
    ASSERT_TRUE(world->Act(Action::Open()).ok());
  }
  const uint64_t prompt_steps = prompt->counters().physics_steps;
  EXPECT_EQ(late->counters().physics_steps, prompt_steps + 100);
}

}  // namespace
}  // namespace qt::sim
