// SPDX-License-Identifier: Apache-2.0
// Each disturbance really happens, is recorded, repeats with its seed, and leaves nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "image/image.h"
#include "json/json.h"
#include "sim/sim_robot.h"
#include "support/world_driver.h"

namespace qt::sim {
namespace {

SceneConfig Disturbed(const std::string& kind) {
  SceneConfig config = SmallConfig();
  EXPECT_TRUE(Set(config, "disturb", kind).ok());
  return config;
}

std::unique_ptr<SimRobot> StartedWorld(const std::string& kind, uint64_t bin = 100) {
  auto world = MakeWorld(Disturbed(kind));
  EXPECT_TRUE(world->NewBin(bin).ok());
  EXPECT_TRUE(world->StartEpisode(0).ok());
  return world;
}

Json RecordOf(const SimRobot& world) { return Json::parse(world.env_config()).at("disturbance"); }

int NumChangedPixels(const EncodedImage& a, const EncodedImage& b) {
  const RgbImage x = *Decode(a), y = *Decode(b);
  int n = 0;
  for (size_t i = 0; i < x.rgb_HWC.size(); ++i) n += std::abs(x.rgb_HWC[i] - y.rgb_HWC[i]) > 12;
  return n;
}

// Both moves go nowhere, so that only the disturbance changes the picture.
int ChangeWhileStandingStill(SimRobot& world) {
  const EncodedImage before = world.Observe()->image;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(world.Act(Action::Move(0, 0, 0, 0)).ok());
  return NumChangedPixels(before, world.Observe()->image);
}

TEST(Disturbance, NoneIsTheWorldAsItWas) {
  auto world = StartedWorld("none");
  EXPECT_LT(ChangeWhileStandingStill(*world), 60);
  EXPECT_THAT(world->env_config(), testing::Not(testing::HasSubstr("disturbance")));
}

TEST(Disturbance, AKnockedObjectFallsAndIsNoSuccess) {
  int knocked = 0;
  for (uint64_t bin = 100; bin < 104; ++bin) {
    auto world = StartedWorld("knock", bin);
    if (!GraspAndLift(*world, 0, 0.2)) continue;
    const Json record = RecordOf(*world);
    if (!record["applied"].get<bool>()) continue;  // this grasp had missed
    ++knocked;
    EXPECT_GE(record["step"].get<int>(), 2);
    EXPECT_LT(world->objects()[record["object"].get<size_t>()].X_WO.p_m[2], 0.15);
    EXPECT_LT(world->gripper().measured_opening_m, 0.002);
    auto verdict = world->Finish();
    ASSERT_TRUE(verdict.ok()) << verdict.status().ToString();
    EXPECT_FALSE(verdict->truth->success);
  }
  EXPECT_GE(knocked, 3);
}

TEST(Disturbance, AKnockNeedsSomethingInTheGripper) {
  auto world = StartedWorld("knock");
  ASSERT_TRUE(world->Act(Action::Close()).ok());
  ASSERT_TRUE(world->Act(Action::Move(0, 0, 0.02, 0)).ok());
  EXPECT_EQ(RecordOf(*world), Json({{"kind", "knock"}, {"applied", false}}));
}

TEST(Disturbance, AnObjectMovesUnderTheApproachingGripper) {
  auto world = StartedWorld("move");
  const std::vector<ObjectTruth> before = world->objects();
  const Vec3 target = before[1].X_WO.p_m;
  for (int i = 0; i < 2; ++i) {
    const GripperState g = world->gripper();
    ASSERT_TRUE(world->Act(Action::Move(target[0] - g.x_m, target[1] - g.y_m, -0.02, 0)).ok());
  }
  const Json record = RecordOf(*world);
  ASSERT_TRUE(record["applied"].get<bool>()) << record;
  const size_t k = record["object"].get<size_t>();
  const Vec3 way = world->objects()[k].X_WO.p_m - before[k].X_WO.p_m;
  EXPECT_GT(std::hypot(way[0], way[1]), 0.02);
  EXPECT_LT(std::hypot(way[0], way[1]), 0.12);
  EXPECT_EQ(world->gripper().opening, 1);
}

TEST(Disturbance, TheLightChangesAndComesBack) {
  auto world = StartedWorld("light");
  const EncodedImage before = world->Observe()->image;
  EXPECT_GT(ChangeWhileStandingStill(*world), 64 * 64);
  EXPECT_TRUE(RecordOf(*world)["applied"].get<bool>());
  ASSERT_TRUE(world->Finish().ok());
  ASSERT_TRUE(world->StartEpisode(0).ok());
  EXPECT_LT(NumChangedPixels(before, world->Observe()->image), 200);
}

TEST(Disturbance, ABumpedCameraMovesAndTheRecordedOneDoesNot) {
  auto world = StartedWorld("camera");
  const CameraModel recorded = world->Observe()->camera;
  EXPECT_GT(ChangeWhileStandingStill(*world), 300);
  EXPECT_GT(RecordOf(*world)["moved_m"].get<double>(), 0.005);
  const CameraModel after = world->Observe()->camera;
  EXPECT_EQ(Norm(after.X_WC.p_m - recorded.X_WC.p_m), 0);
  EXPECT_EQ(after.X_WC.q.x, recorded.X_WC.q.x);
}

// A heavier object pulls the held gripper further down.
TEST(Disturbance, HeavierObjectsWeighMore) {
  const auto sag_m = [](const std::string& kind) {
    auto world = StartedWorld(kind);
    EXPECT_TRUE(GraspAndLift(*world, 0, 0.15));
    EXPECT_GT(world->gripper().measured_opening_m, 0.005);
    return 0.15 - world->gripper().height_m;
  };
  const double light_m = sag_m("none"), heavy_m = sag_m("heavy");
  EXPECT_GT(heavy_m, light_m + 0.0002);
  auto world = StartedWorld("heavy");
  const double factor = RecordOf(*world)["mass_factor"].get<double>();
  EXPECT_GE(factor, 2);
  EXPECT_LE(factor, 4);
}

TEST(Disturbance, AnyIsEachOfThemInTurnAndRepeats) {
  auto world = MakeWorld(Disturbed("any"));
  ASSERT_TRUE(world->NewBin(100).ok());
  std::vector<std::string> kinds, again;
  for (uint64_t e = 0; e < 40; ++e) {
    ASSERT_TRUE(world->StartEpisode(e).ok());
    kinds.push_back(RecordOf(*world)["kind"]);
  }
  for (uint64_t e = 0; e < 40; ++e) {
    ASSERT_TRUE(world->StartEpisode(e).ok());
    again.push_back(RecordOf(*world)["kind"]);
  }
  EXPECT_EQ(kinds, again);
  EXPECT_THAT(kinds, testing::IsSupersetOf({"knock", "move", "light", "camera", "heavy"}));
}

}  // namespace
}  // namespace qt::sim
