// SPDX-License-Identifier: Apache-2.0
#include "qnet/aligned_query.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace qt::qnet {
namespace {

// Looks straight down from 0.6 m at a 64 x 64 image; image right is world x, image down is -y.
CameraModel TopCamera() {
  CameraModel camera{.width_px = 64,
                     .height_px = 64,
                     .fx_px = 100,
                     .fy_px = 100,
                     .cx_px = 31.5,
                     .cy_px = 31.5,
                     .X_WC = {}};
  camera.X_WC = {{0, 0, 0.6}, FromMatrix({{{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}})};
  return camera;
}

struct AlignedQuery {
  std::array<float, kNumPoints * 2> pixels_K2;
  std::array<float, kNumScalars> scalars_S;
};

AlignedQuery Query(const GripperState& gripper, const Action& action, Symmetry symmetry = {},
                   StateInput input = StateInput::kFull) {
  Observation observation;
  observation.camera = TopCamera();
  observation.gripper = gripper;
  observation.step = 3;
  return {MakePoints(observation, action, TaskConfig(), symmetry),
          MakeScalars(observation, action, TaskConfig(), input, symmetry.mirror)};
}

const GripperState kGripper{.opening = 1,
                            .height_m = 0.1f,
                            .x_m = 0.02f,
                            .y_m = -0.01f,
                            .yaw_rad = 0.3f,
                            .measured_opening_m = 0.08f};

TEST(AlignedQueryTest, FirstPointIsWhereTheTipsWouldBe) {
  const AlignedQuery query = Query(kGripper, Action::Move(0.03, 0.01, -0.05, 0));
  const Pixel expected = TopCamera().Project({0.05, 0, 0.05});
  EXPECT_NEAR(query.pixels_K2[0], expected.u_px, 1e-3);
  EXPECT_NEAR(query.pixels_K2[1], expected.v_px, 1e-3);
}

TEST(AlignedQueryTest, PadsLieAlongTheClosingAxis) {
  const AlignedQuery query = Query(kGripper, Action::Close());
  const double half_m = 0.085 / 2;
  const Pixel expected =
      TopCamera().Project({0.02 + half_m * std::cos(0.3), -0.01 + half_m * std::sin(0.3), 0.1});
  EXPECT_NEAR(query.pixels_K2[4], expected.u_px, 1e-3);
  EXPECT_NEAR(query.pixels_K2[5], expected.v_px, 1e-3);
}

TEST(AlignedQueryTest, HalfATurnPermutesThePointsAndLeavesTheNumbers) {
  const AlignedQuery a = Query(kGripper, Action::Close());
  const AlignedQuery b = Query(kGripper, Action::Close(), {.mirror = false, .half_turn = true});
  EXPECT_EQ(a.scalars_S, b.scalars_S);
  for (int k = 0; k < 15; ++k) {  // the grid backwards
    EXPECT_NEAR(a.pixels_K2[2 * (3 + k)], b.pixels_K2[2 * (17 - k)], 1e-3);
    EXPECT_NEAR(a.pixels_K2[2 * (3 + k) + 1], b.pixels_K2[2 * (17 - k) + 1], 1e-3);
  }
  GripperState turned = kGripper;
  turned.yaw_rad = static_cast<float>(WrapAngle(kGripper.yaw_rad + std::numbers::pi));
  const AlignedQuery c = Query(turned, Action::Close());
  for (int i = 0; i < 2 * kNumPoints; ++i) EXPECT_NEAR(b.pixels_K2[i], c.pixels_K2[i], 1e-3);
  for (int i = 0; i < kNumScalars; ++i) EXPECT_NEAR(b.scalars_S[i], c.scalars_S[i], 1e-5);
}

// The mirrored world is a world: the same query as that of the mirrored gripper and action, seen
// by the (here symmetric) camera.
TEST(AlignedQueryTest, MirroringIsTheMirroredWorld) {
  GripperState mirrored = kGripper;
  mirrored.x_m = -kGripper.x_m;
  mirrored.yaw_rad = -kGripper.yaw_rad;
  const AlignedQuery a =
      Query(kGripper, Action::Move(0.03, 0.01, -0.05, 0.4), {.mirror = true, .half_turn = false});
  const AlignedQuery b = Query(mirrored, Action::Move(-0.03, 0.01, -0.05, -0.4));
  for (int i = 0; i < 2 * kNumPoints; ++i) EXPECT_NEAR(a.pixels_K2[i], b.pixels_K2[i], 1e-3) << i;
  for (int i = 0; i < kNumScalars; ++i) EXPECT_NEAR(a.scalars_S[i], b.scalars_S[i], 1e-5) << i;
}

TEST(AlignedQueryTest, StateInputHidesWhatItShould) {
  const Action action = Action::Move(0.03, 0.01, -0.05, 0.4);
  GripperState other{.opening = 1,
                     .height_m = 0.1f,
                     .x_m = 0.05f,
                     .y_m = 0.02f,
                     .yaw_rad = -1,
                     .measured_opening_m = 0.02f};
  EXPECT_NE(Query(kGripper, action).scalars_S, Query(other, action).scalars_S);
  EXPECT_EQ(Query(kGripper, action, {}, StateInput::kPaper).scalars_S,
            Query(other, action, {}, StateInput::kPaper).scalars_S);
  other.opening = 0;
  EXPECT_NE(Query(kGripper, action, {}, StateInput::kPaper).scalars_S,
            Query(other, action, {}, StateInput::kPaper).scalars_S);
  EXPECT_EQ(Query(kGripper, action, {}, StateInput::kImage).scalars_S,
            Query(other, action, {}, StateInput::kImage).scalars_S);
}

TEST(AlignedQueryTest, ACameraWithoutIntrinsicsBreaksTheContract) {
  EXPECT_ANY_THROW(MakePoints(Observation(), Action::Close(), TaskConfig(), {}));
}

}  // namespace
}  // namespace qt::qnet
