// SPDX-License-Identifier: Apache-2.0
// Episodes in the simulated cell: determinism, motion, the drop test, and refusals.
#include "sim/sim_robot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "image/image.h"
#include "support/world_driver.h"

namespace qt::sim {
namespace {

double PictureDifference(const EncodedImage& a, const EncodedImage& b) {
  const RgbImage x = *Decode(a), y = *Decode(b);
  double sum = 0;
  for (size_t i = 0; i < x.rgb_HWC.size(); ++i) sum += std::abs(x.rgb_HWC[i] - y.rgb_HWC[i]);
  return sum / double(x.rgb_HWC.size());
}

// Everything that an episode records, as bytes.
std::vector<uint8_t> Trace(uint64_t seed) {
  auto world = MakeWorld(SmallConfig());
  std::vector<uint8_t> trace;
  const auto add = [&](const EncodedImage& image) {
    trace.insert(trace.end(), image.bytes.begin(), image.bytes.end());
  };
  EXPECT_TRUE(world->NewBin(seed).ok());
  for (uint64_t e = 0; e < 2; ++e) {
    EXPECT_TRUE(world->StartEpisode(seed + e).ok());
    add(world->Observe()->image);
    GraspAndLift(*world, 0, 0.2);
    add(world->Observe()->image);
    auto verdict = world->Finish();
    EXPECT_TRUE(verdict.ok());
    for (const EvidenceFrame& frame : verdict->evidence) add(frame.image);
  }
  const GripperState g = world->gripper();
  const auto* raw = reinterpret_cast<const uint8_t*>(&g);
  trace.insert(trace.end(), raw, raw + sizeof g);
  return trace;
}

TEST(World, SameSeedsGiveTheSameBytesOnAnyThread) {
  std::vector<uint8_t> there, other;
  std::thread first([&] { there = Trace(11); }), second([&] { other = Trace(12); });
  const std::vector<uint8_t> here = Trace(11);
  first.join();
  second.join();
  EXPECT_EQ(here, there);
  EXPECT_NE(here, other);
}

TEST(World, ABinDoesNotDependOnTheBinsBefore) {
  auto world = MakeWorld(SmallConfig());
  ASSERT_TRUE(world->NewBin(5).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  const EncodedImage first = world->Observe()->image;
  ASSERT_TRUE(world->NewBin(6).ok());
  ASSERT_TRUE(world->NewBin(5).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  EXPECT_EQ(world->Observe()->image.bytes, first.bytes);
}

TEST(World, HomeIsOpenHighAndNearTheMiddle) {
  auto world = MakeWorld(SmallConfig());
  ASSERT_TRUE(world->NewBin(1).ok());
  for (uint64_t seed = 0; seed < 20; ++seed) {
    ASSERT_TRUE(world->StartEpisode(seed).ok());
    const GripperState g = world->gripper();
    EXPECT_EQ(g.opening, 1);
    EXPECT_NEAR(g.height_m, 0.18, 0.0101);
    EXPECT_LT(std::max(std::abs(g.x_m), std::abs(g.y_m)), 0.0301);
    EXPECT_NEAR(g.measured_opening_m, 0.085, 0.001);
  }
}

TEST(World, MotionsArriveAndAreClipped) {
  auto world = MakeWorld(SmallConfig());
  ASSERT_TRUE(world->NewBin(1).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  const GripperState before = world->gripper();
  const double start_s = world->time_s();
  ASSERT_TRUE(world->Act(Action::Move(0.05, -0.04, -0.03, 0.7)).ok());
  const GripperState after = world->gripper();
  EXPECT_NEAR(after.x_m, before.x_m + 0.05, 0.002);
  EXPECT_NEAR(after.y_m, before.y_m - 0.04, 0.002);
  EXPECT_NEAR(after.height_m, before.height_m - 0.03, 0.002);
  EXPECT_NEAR(WrapAngle(after.yaw_rad - before.yaw_rad), 0.7, 0.02);
  EXPECT_LT(world->time_s() - start_s, 0.5);
  ASSERT_TRUE(world->Act(Action::Move(9, 0, 9, 0)).ok());
  ASSERT_TRUE(world->Act(Action::Move(9, 0, 9, 0)).ok());
  EXPECT_NEAR(world->gripper().x_m, 0.105, 0.003);
  EXPECT_NEAR(world->gripper().height_m, 0.20, 0.003);
}

TEST(World, AWallBlocksTheGripperInBoundedTime) {
  auto world = MakeWorld(SmallConfig());
  ASSERT_TRUE(world->NewBin(1).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  const GripperState g = world->gripper();
  GoTo(*world, {0.105, 0, 0.15}, 0);  // closing direction along x: one finger is over the wall
  const double start_s = world->time_s();
  ASSERT_TRUE(world->Act(Action::Move(0, 0, -0.16, 0)).ok());
  EXPECT_LT(world->time_s() - start_s, 1.01);
  EXPECT_GT(world->gripper().height_m, 0.012);
  ASSERT_TRUE(world->Act(Action::Move(0, 0, 0.1, 0)).ok());
  EXPECT_GT(world->gripper().height_m, 0.10);
  EXPECT_EQ(g.opening, 1);
}

TEST(World, ClosingOnNothingMeasuresNothing) {
  auto world = MakeWorld(SmallConfig());
  ASSERT_TRUE(world->NewBin(1).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  ASSERT_TRUE(world->Act(Action::Close()).ok());
  EXPECT_EQ(world->gripper().opening, 0);
  EXPECT_LT(world->gripper().measured_opening_m, 0.002);
  ASSERT_TRUE(world->Act(Action::Open()).ok());
  EXPECT_GT(world->gripper().measured_opening_m, 0.083);
  const double before_s = world->time_s();
  ASSERT_TRUE(world->Act(Action::Terminate()).ok());
  EXPECT_EQ(world->time_s(), before_s);
}

// The evidence of the drop test says the same as the truth, over grasps that succeed and lifts of
// nothing.
TEST(World, EvidenceFramesDifferIfAndOnlyIfSomethingWasHeld) {
  auto world = MakeWorld(SmallConfig());
  int held = 0, tried = 0, agree = 0;
  for (uint64_t bin = 0; bin < 5; ++bin) {
    ASSERT_TRUE(world->NewBin(100 + bin).ok());
    for (uint64_t e = 0; e < 4; ++e) {
      ASSERT_TRUE(world->StartEpisode(e).ok());
      const bool grasp = e != 3;
      if (grasp && !GraspAndLift(*world, e, 0.2)) continue;
      if (!grasp) {
        ASSERT_TRUE(world->Act(Action::Close()).ok());
      }
      auto verdict = world->Finish();
      ASSERT_TRUE(verdict.ok()) << verdict.status().ToString();
      ASSERT_EQ(verdict->evidence.size(), 2u);
      EXPECT_EQ(verdict->evidence[0].name, "before_drop");
      EXPECT_EQ(verdict->evidence[1].name, "after_drop");
      EXPECT_LT(verdict->evidence[0].stamp_ns, verdict->evidence[1].stamp_ns);
      const double change =
          PictureDifference(verdict->evidence[0].image, verdict->evidence[1].image);
      agree += (change > 0.5) == verdict->truth->success;
      EXPECT_EQ(verdict->truth->held_size_m > 0.01, verdict->truth->success);
      tried += grasp;
      held += grasp && verdict->truth->success;
      if (!grasp) {
        EXPECT_FALSE(verdict->truth->success);
      }
    }
  }
  EXPECT_GE(tried, 12);
  EXPECT_GE(held, tried - 1);  // cheating with the truth, a grasp works
  EXPECT_GE(agree, 19);
}

// Two more pictures, by the gripper's camera: they differ if something was held, also if nothing
// was lifted and the gripper has opened. The bin goes on as ever.
TEST(World, TheGrippersViewShowsWhatItHeld) {
  SceneConfig config = SmallConfig();
  config.gripper_view = true;
  auto world = MakeWorld(config);
  ASSERT_TRUE(world->NewBin(100).ok());
  for (const double lift_m : {0.2, 0.10, 0.2}) {
    ASSERT_TRUE(world->StartEpisode(0).ok());
    EXPECT_NEAR(world->gripper().measured_opening_m, 0.085, 0.001);
    ASSERT_TRUE(GraspAndLift(*world, 0, lift_m));
    auto verdict = world->Finish();
    ASSERT_TRUE(verdict.ok());
    ASSERT_EQ(verdict->evidence.size(), 4u);
    EXPECT_EQ(verdict->evidence[1].name, "gripper_before");
    EXPECT_EQ(verdict->evidence[3].name, "gripper_after");
    const double change = PictureDifference(verdict->evidence[1].image, verdict->evidence[3].image);
    EXPECT_EQ(change > 2, verdict->truth->success) << change;
    EXPECT_EQ(verdict->truth->success, lift_m > 0.15);
  }
  EXPECT_THAT(world->env_config(), testing::HasSubstr("\"gripper_camera\":{"));
}

TEST(World, WithoutTheGrippersViewTheEvidenceIsTheSame) {
  SceneConfig config = SmallConfig();
  auto without = MakeWorld(config);
  config.gripper_view = true;
  auto with = MakeWorld(config);
  std::vector<robot::DropTest> verdicts;
  for (SimRobot* world : {with.get(), without.get()}) {
    ASSERT_TRUE(world->NewBin(100).ok());
    ASSERT_TRUE(world->StartEpisode(0).ok());
    ASSERT_TRUE(GraspAndLift(*world, 0, 0.2));
    verdicts.push_back(*world->Finish());
  }
  ASSERT_EQ(verdicts[1].evidence.size(), 2u);
  EXPECT_EQ(verdicts[0].evidence[0].image.bytes, verdicts[1].evidence[0].image.bytes);
  EXPECT_EQ(verdicts[0].evidence[2].image.bytes, verdicts[1].evidence[1].image.bytes);
  EXPECT_THAT(without->env_config(), testing::Not(testing::HasSubstr("gripper_camera")));
}

TEST(World, WhatWasNotLiftedDoesNotCount) {
  auto world = MakeWorld(SmallConfig());
  ASSERT_TRUE(world->NewBin(100).ok());
  ASSERT_TRUE(world->StartEpisode(0).ok());
  ASSERT_TRUE(GraspAndLift(*world, 0, 0.10));  // below terminate_height_m
  ASSERT_GT(world->gripper().measured_opening_m, 0.005);
  auto verdict = world->Finish();
  ASSERT_TRUE(verdict.ok());
  EXPECT_FALSE(verdict->truth->success);
  EXPECT_LT(PictureDifference(verdict->evidence[0].image, verdict->evidence[1].image), 0.5);
}

TEST(World, WithoutDropTestTheTruthIsTheSameAndCheaper) {
  SceneConfig config = SmallConfig();
  auto with = MakeWorld(config);
  config.drop_test = false;
  auto without = MakeWorld(config);
  for (SimRobot* world : {with.get(), without.get()}) {
    ASSERT_TRUE(world->NewBin(100).ok());
    ASSERT_TRUE(world->StartEpisode(0).ok());
    ASSERT_TRUE(GraspAndLift(*world, 0, 0.2));
    auto verdict = world->Finish();
    ASSERT_TRUE(verdict.ok());
    EXPECT_TRUE(verdict->truth->success);
    EXPECT_EQ(verdict->evidence.size(), world == with.get() ? 2u : 0u);
    // The bin goes on: nothing is missing, nothing is in the gripper.
    ASSERT_TRUE(world->StartEpisode(1).ok());
    EXPECT_NEAR(world->gripper().measured_opening_m, 0.085, 0.001);
    for (const ObjectTruth& object : world->objects()) EXPECT_LT(object.X_WO.p_m[2], 0.12);
  }
  EXPECT_LT(without->counters().physics_steps, with->counters().physics_steps);
}

TEST(World, WhatIsHeldLeavesTheBinIfItIsToBeEmptied) {
  SceneConfig config = SmallConfig();
  config.drop_test = false;
  config.remove_held = true;
  auto world = MakeWorld(config);
  ASSERT_TRUE(world->NewBin(3).ok());
  const size_t objects = world->objects().size();
  ASSERT_TRUE(world->StartEpisode(1).ok());
  const std::vector<ObjectTruth> before = world->objects();
  ASSERT_TRUE(GraspAndLift(*world, 0, 0.2));
  const auto verdict = world->Finish();
  ASSERT_TRUE(verdict.ok() && verdict->truth->success);
  ASSERT_EQ(world->objects().size(), objects - 1);
  EXPECT_EQ(world->objects().back().family, before.back().family);
  ASSERT_TRUE(world->StartEpisode(2).ok());  // and the rest goes on
  ASSERT_TRUE(world->Finish().ok());
  EXPECT_EQ(world->objects().size(), objects - 1);
}

TEST(World, AnUnfinishedEpisodeLetsGo) {
  auto world = MakeWorld(SmallConfig());
  ASSERT_TRUE(world->NewBin(100).ok());
  ASSERT_TRUE(world->StartEpisode(0).ok());
  ASSERT_TRUE(GraspAndLift(*world, 0, 0.2));
  ASSERT_TRUE(world->StartEpisode(1).ok());
  EXPECT_NEAR(world->gripper().measured_opening_m, 0.085, 0.001);
}

TEST(World, SettledObjectsLieStillInTheBin) {
  SceneConfig config;
  config.objects = "h2";
  auto world = MakeWorld(config);
  for (uint64_t seed = 0; seed < 4; ++seed) {
    ASSERT_TRUE(world->NewBin(seed).ok());
    ASSERT_TRUE(world->StartEpisode(seed).ok());
    const std::vector<ObjectTruth> before = world->objects();
    ASSERT_TRUE(world->Act(Action::Close()).ok());  // some time passes
    const std::vector<ObjectTruth> after = world->objects();
    for (size_t k = 0; k < before.size(); ++k) {
      EXPECT_LT(Norm(after[k].X_WO.p_m - before[k].X_WO.p_m), 0.01);
      EXPECT_LT(std::abs(before[k].X_WO.p_m[0]), 0.16);
      EXPECT_GT(before[k].X_WO.p_m[2], 0);
    }
  }
}

TEST(World, JitterMovesTheRecordedCameraPerBin) {
  SceneConfig config = SmallConfig();
  config.camera_jitter = 1;
  auto world = MakeWorld(config);
  ASSERT_TRUE(world->NewBin(1).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  const CameraModel first = world->Observe()->camera;
  ASSERT_TRUE(world->NewBin(2).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  EXPECT_GT(Norm(world->Observe()->camera.X_WC.p_m - first.X_WC.p_m), 1e-4);
}

SceneConfig WristConfig() {
  SceneConfig config = SmallConfig();
  config.camera = Camera::kWrist;
  config.image = ImageFormat::kRaw;
  return config;
}

TEST(World, TheWristCameraRidesOnTheGripper) {
  auto world = MakeWorld(WristConfig());
  ASSERT_TRUE(world->NewBin(1).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  const auto tips = [&](const CameraModel& camera) {
    const GripperState g = world->gripper();
    return camera.Project({g.x_m, g.y_m, g.height_m});
  };
  const CameraModel before = world->Observe()->camera;
  const Pixel seen = tips(before);
  EXPECT_NEAR(seen.u_px, 31.5, 1);
  EXPECT_NEAR(seen.v_px, 31.5, 4);
  ASSERT_TRUE(world->Act(Action::Move(0.05, 0.02, -0.08, 0.8)).ok());
  const CameraModel after = world->Observe()->camera;
  EXPECT_NEAR(after.X_WC.p_m[2] - before.X_WC.p_m[2], -0.08, 0.003);
  EXPECT_GT(Norm(after.X_WC.p_m - before.X_WC.p_m), 0.08);
  EXPECT_NEAR(tips(after).u_px, seen.u_px, 0.01);
  EXPECT_NEAR(tips(after).v_px, seen.v_px, 0.01);
}

// Objects are coloured, the floor is grey and the gripper black: what is projected is what is
// drawn.
TEST(World, TheWristCameraSeesObjectsWhereItIsSaidToBe) {
  auto world = MakeWorld(WristConfig());
  int in_frame = 0, coloured = 0;
  for (uint64_t bin = 0; bin < 6; ++bin) {
    ASSERT_TRUE(world->NewBin(bin).ok());
    ASSERT_TRUE(world->StartEpisode(bin).ok());
    ASSERT_TRUE(world->Act(Action::Move(0.03, -0.02, -0.02, 1.2)).ok());
    const Observation seen = *world->Observe();
    const RgbImage image = *Decode(seen.image);
    for (const ObjectTruth& object : world->objects()) {
      const Pixel pixel = seen.camera.Project(object.X_WO.p_m);
      const long u = std::lround(pixel.u_px), v = std::lround(pixel.v_px);
      if (std::min(u, v) < 0 || std::max(u, v) > 63) continue;
      const uint8_t* rgb = &image.rgb_HWC[3 * (64 * size_t(v) + size_t(u))];
      const auto [low, high] = std::minmax({rgb[0], rgb[1], rgb[2]});
      ++in_frame;
      coloured += high - low > 40;
    }
  }
  EXPECT_GE(in_frame, 15);
  EXPECT_GE(coloured, 0.7 * in_frame);  // rings have nothing in their middle, fingers hide some
}

TEST(World, TheWristCamerasEvidenceIsTakenFromTheShoulder) {
  SceneConfig config = WristConfig();
  auto wrist = MakeWorld(config);
  config.camera = Camera::kShoulder;
  auto shoulder = MakeWorld(config);
  std::vector<robot::DropTest> verdicts;
  for (SimRobot* world : {wrist.get(), shoulder.get()}) {
    ASSERT_TRUE(world->NewBin(100).ok());
    ASSERT_TRUE(world->StartEpisode(0).ok());
    ASSERT_TRUE(GraspAndLift(*world, 0, 0.2));
    verdicts.push_back(*world->Finish());
  }
  ASSERT_EQ(verdicts[0].evidence.size(), 2u);
  EXPECT_EQ(verdicts[0].evidence[0].image.bytes, verdicts[1].evidence[0].image.bytes);
  EXPECT_EQ(verdicts[0].evidence[1].image.bytes, verdicts[1].evidence[1].image.bytes);
  EXPECT_THAT(wrist->env_config(), testing::HasSubstr("\"evidence_camera\":{"));
}

TEST(World, RefusesWhatMakesNoSense) {
  SceneConfig config;
  config.objects = "nothing";
  EXPECT_EQ(SimRobot::Create(config).status().code(), Code::kUsage);
  config = {};
  config.min_objects = 11;
  EXPECT_EQ(SimRobot::Create(config).status().code(), Code::kUsage);
  config = {};
  config.image_size = {3, 64};
  EXPECT_EQ(SimRobot::Create(config).status().code(), Code::kUsage);
  auto world = MakeWorld(SmallConfig());
  EXPECT_FALSE(world->StartEpisode(1).ok());
  EXPECT_FALSE(world->Observe().ok());
  ASSERT_TRUE(world->NewBin(1).ok());
  EXPECT_FALSE(world->Act(Action::Close()).ok());
  EXPECT_FALSE(world->Finish().ok());
  EXPECT_THAT(world->env_config(), testing::HasSubstr("\"objects\":\"train\""));
}

}  // namespace
}  // namespace qt::sim
