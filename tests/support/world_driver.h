// SPDX-License-Identifier: Apache-2.0
// Drives a simulated world with its truth, as tests may: goes somewhere, grasps, lifts.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <utility>
#include <vector>

#include "image/image.h"
#include "sim/sim_robot.h"

namespace qt::sim {

inline SceneConfig SmallConfig() {
  SceneConfig config;
  config.min_objects = 4;
  config.max_objects = 5;
  return config;
}

inline SceneConfig RawConfig() {
  SceneConfig config = SmallConfig();
  config.image = ImageFormat::kRaw;
  return config;
}

inline std::unique_ptr<SimRobot> MakeWorld(const SceneConfig& config) {
  auto world = SimRobot::Create(config);
  EXPECT_TRUE(world.ok()) << world.status().ToString();
  return std::move(world).value();
}

// What the camera sees at the start of an episode.
inline RgbImage FirstPicture(SimRobot& world, uint64_t bin = 5) {
  EXPECT_TRUE(world.NewBin(bin).ok());
  EXPECT_TRUE(world.StartEpisode(1).ok());
  return *Decode(world.Observe()->image);
}

// Moves the tips to p in as many actions as the bounds need.
inline void GoTo(SimRobot& world, const Vec3& p_m, double yaw_rad) {
  const TaskConfig task;
  for (int i = 0; i < 6; ++i) {
    const GripperState g = world.gripper();
    double turn_rad = WrapAngle(yaw_rad - g.yaw_rad);
    if (turn_rad > std::numbers::pi / 2) turn_rad -= std::numbers::pi;
    if (turn_rad < -std::numbers::pi / 2) turn_rad += std::numbers::pi;
    const Vec3 way = p_m - Vec3{g.x_m, g.y_m, g.height_m};
    if (Norm(way) < 0.004 && std::abs(turn_rad) < 0.03) return;
    ASSERT_TRUE(world.Act(Action::Move(way[0], way[1], way[2], turn_rad)).ok());
  }
}

// Grasps with the truth and lifts; false if nothing there can be grasped.
inline bool GraspAndLift(SimRobot& world, size_t first, double lift_height_m) {
  const std::vector<ObjectTruth> objects = world.objects();
  for (size_t i = 0; i < objects.size(); ++i) {
    const ObjectTruth& object = objects[(first + i) % objects.size()];
    if (!object.graspable) continue;
    Vec3 p = object.grasp_p_W_m;
    GoTo(world, {p[0], p[1], 0.12}, object.grasp_yaw_W_rad);
    GoTo(world, p, object.grasp_yaw_W_rad);
    EXPECT_TRUE(world.Act(Action::Close()).ok());
    p[2] = lift_height_m;
    GoTo(world, p, object.grasp_yaw_W_rad);
    return true;
  }
  return false;
}

}  // namespace qt::sim
