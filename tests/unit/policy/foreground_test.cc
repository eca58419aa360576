// SPDX-License-Identifier: Apache-2.0
#include "policy/foreground.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "scenes.h"

namespace qt::policy {
namespace {

GripperState FarGripper() {
  GripperState gripper;
  gripper.height_m = 5;  // above the camera: hides nothing
  return gripper;
}

TEST(Foreground, FindsTheObjectOnly) {
  const CameraModel camera = TopCamera(64);
  const RgbImage image = Scene(camera, {{0.05, -0.03, 0.02, 0.01, 0}});
  const Foreground map = FindForeground(image, camera, FarGripper(), {});
  ASSERT_GT(map.pixels.size(), 20u);
  for (int pixel : map.pixels) {
    const Vec3 p_W_m = camera.Unproject(pixel % 64, pixel / 64, 0);
    EXPECT_NEAR(p_W_m[0], 0.05, 0.025);
    EXPECT_NEAR(p_W_m[1], -0.03, 0.015);
  }
}

TEST(Foreground, AnEmptyBinHasNone) {
  const CameraModel camera = TopCamera(64);
  EXPECT_TRUE(FindForeground(Scene(camera, {}), camera, FarGripper(), {}).pixels.empty());
}

TEST(Foreground, LeavesOutWhatTheGripperHides) {
  const CameraModel camera = TopCamera(64);
  const RgbImage image = Scene(camera, {{0, 0, 0.015, 0.015, 0}});
  GripperState above;
  above.height_m = 0.05f;
  EXPECT_FALSE(FindForeground(image, camera, FarGripper(), {}).pixels.empty());
  EXPECT_TRUE(FindForeground(image, camera, above, {}).pixels.empty());
}

TEST(Foreground, BlobsAreSeparate) {
  const CameraModel camera = TopCamera(64);
  const RgbImage image = Scene(camera, {{-0.06, 0, 0.02, 0.02, 0}, {0.06, 0, 0.02, 0.02, 0}});
  const Foreground map = FindForeground(image, camera, FarGripper(), {});
  const std::vector<int> blob = ConnectedBlob(map, map.pixels.front());
  EXPECT_EQ(blob.size() * 2, map.pixels.size());
  const bool left = blob.front() % 64 < 32;
  for (int pixel : blob) EXPECT_EQ(pixel % 64 < 32, left);
}

TEST(Foreground, BlobDoesNotWrapAroundTheEdge) {
  Foreground map{4, 2, {0, 0, 0, 1, 1, 0, 0, 0}, {3, 4}};
  EXPECT_EQ(ConnectedBlob(map, 3).size(), 1u);
}

TEST(Foreground, MinorAxisIsAcrossTheLongSide) {
  const CameraModel camera = TopCamera(128);
  for (double yaw_rad : {-1.2, -0.6, 0.0, 0.5, 1.0, 1.5}) {
    const RgbImage image = Scene(camera, {{0.01, 0.02, 0.05, 0.012, yaw_rad}});
    const Foreground map = FindForeground(image, camera, FarGripper(), {});
    const double across = MinorAxisYaw(map, ConnectedBlob(map, map.pixels.front()), camera, 0);
    const double error =
        std::remainder(across - (yaw_rad + std::numbers::pi / 2), std::numbers::pi);
    EXPECT_NEAR(error, 0, 0.06) << yaw_rad;
    EXPECT_LE(std::abs(across), std::numbers::pi / 2 + 1e-9);
  }
}

}  // namespace
}  // namespace qt::policy
