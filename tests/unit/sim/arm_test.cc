// SPDX-License-Identifier: Apache-2.0
// The arm's kinematics are the published ones and MuJoCo's; it reaches wherever the gripper may
// work; and a world with an arm is the same task: motions arrive, grasps hold, pictures show it.
#include "sim/arm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <string>
#include <vector>

#include "objects/shape.h"
#include "sim/cell.h"
#include "sim/renderer.h"
#include "sim/view.h"
#include "support/world_driver.h"

namespace qt::sim {
namespace {

using testing::HasSubstr;

using std::numbers::pi;
constexpr Vec3 kPark_m = {0, 0.12, 0.42};

SceneConfig WithArm() {
  SceneConfig config = SmallConfig();
  config.arm = ArmKind::kIiwa;
  return config;
}

std::unique_ptr<Cell> NewArmCell(int num_objects = 1) {
  SceneSpec scene = DrawScene(*ParseObjectSet("train"), num_objects, num_objects, 1);
  scene.arm = true;
  Result<std::unique_ptr<Cell>> cell = Cell::Create(std::move(scene), kPark_m);
  EXPECT_TRUE(cell.ok()) << cell.status().ToString();
  return std::move(*cell);
}

// Of a frame's origin, in the frame of the arm's base.
Vec3 FromBase(const Vec3& p_W_m) {
  return RotateBack(ToMatrix(ArmBase().q), p_W_m - ArmBase().p_m);
}

void ExpectNear(const Vec3& actual, const Vec3& expected, double tolerance) {
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << "axis " << i;
}

// How far two yaws are apart, half a turn counting as none.
double YawError(double a_rad, double b_rad) { return std::abs(std::remainder(a_rad - b_rad, pi)); }

void ExpectWithinLimits(const ArmJoints& q) {
  for (size_t i = 0; i < kArmJoints; ++i)
    EXPECT_LE(std::abs(q[i]), kArmLimits_rad[i]) << "joint " << i;
}

TEST(Arm, PosesThatCanBeWorkedOutByHand) {
  const ArmKinematics up = Forward({});
  ExpectNear(FromBase(up.X_WF.p_m), {0, 0, 0.34 + 0.40 + 0.40 + 0.126}, 1e-12);
  EXPECT_NEAR(ToMatrix(up.X_WF.q)[2][2], 1, 1e-12);
  // Shoulder forward by a quarter turn: stretched out level.
  const ArmKinematics level = Forward({0, pi / 2, 0, 0, 0, 0, 0});
  ExpectNear(FromBase(level.X_WF.p_m), {0.926, 0, 0.34}, 1e-12);
  // Elbow and wrist bent by quarter turns: upper arm up, forearm level, tool down.
  const ArmKinematics down = Forward({0, 0, 0, -pi / 2, 0, pi / 2, 0});
  ExpectNear(FromBase(down.X_WF.p_m), {0.40, 0, 0.74 - 0.126}, 1e-12);
  ExpectNear(FromBase(down.X_WG.p_m), {0.40, 0, 0.74 - 0.126 - kFlangeToTips_m}, 1e-12);
  EXPECT_NEAR(ToMatrix(down.X_WG.q)[2][2], 1, 1e-12);
  EXPECT_NEAR(YawOf(down.X_WG), YawOf(ArmBase()), 1e-12);
  // The first joint carries everything round, the last turns the tool the other way.
  const ArmKinematics turned = Forward({pi / 2, 0, 0, -pi / 2, 0, pi / 2, 0.3});
  ExpectNear(FromBase(turned.X_WF.p_m), {0, 0.40, 0.74 - 0.126}, 1e-12);
  EXPECT_NEAR(WrapAngle(YawOf(turned.X_WG) - YawOf(ArmBase())), pi / 2 - 0.3, 1e-12);
}

ArmJoints RandomJoints(RandomStream& rng) {
  ArmJoints q;
  for (size_t i = 0; i < kArmJoints; ++i) q[i] = rng.Uniform(-kArmLimits_rad[i], kArmLimits_rad[i]);
  return q;
}

TEST(Arm, KinematicsAreThoseOfTheModelThatMujocoSimulates) {
  const auto cell = NewArmCell();
  const mjModel* model = cell->model();
  mjData* data = cell->data();
  const int body = mj_name2id(model, mjOBJ_BODY, "gripper");
  std::vector<mjtNum> linear(3 * size_t(model->nv)), angular(3 * size_t(model->nv));
  RandomStream rng(1);
  for (int trial = 0; trial < 20; ++trial) {
    const ArmJoints q = RandomJoints(rng);
    std::copy(q.begin(), q.end(), data->qpos);
    mj_forward(model, data);
    const ArmKinematics at = Forward(q);
    const mjtNum* p = data->xpos + 3 * body;
    ExpectNear(at.X_WG.p_m, {p[0], p[1], p[2]}, 1e-9);
    const mjtNum* quat = data->xquat + 4 * body;
    EXPECT_LT(Norm(RotationBetween(at.X_WG.q, {quat[0], quat[1], quat[2], quat[3]})), 1e-6);
    mj_jacBody(model, data, linear.data(), angular.data(), body);
    for (size_t row = 0; row < 3; ++row) {
      for (size_t i = 0; i < kArmJoints; ++i) {
        EXPECT_NEAR(at.J[row][i], linear[row * size_t(model->nv) + i], 1e-9);
        EXPECT_NEAR(at.J[row + 3][i], angular[row * size_t(model->nv) + i], 1e-9);
      }
    }
  }
}

TEST(Arm, WhatIsWithoutMotionMovesNothing) {
  RandomStream rng(2);
  for (int trial = 0; trial < 20; ++trial) {
    const ArmKinematics at = Forward(RandomJoints(rng));
    const ArmJoints free = WithoutMotion(at.J, RandomJoints(rng));
    double size = 0;
    for (const auto& row : at.J) {
      double moved = 0;
      for (size_t i = 0; i < kArmJoints; ++i) moved += row[i] * free[i], size += std::abs(free[i]);
      EXPECT_NEAR(moved, 0, 1e-4);
    }
    EXPECT_GT(size, 1e-3);
  }
}

TEST(Arm, ReachesTheWholeWorkspaceAtEveryYaw) {
  const TaskConfig task;
  const double reach = task.workspace_xy_m;
  for (const double x : {-reach, 0.0, reach}) {
    for (const double y : {-reach, 0.0, reach}) {
      for (const double z : {task.min_height_m, 0.1, task.max_height_m, 0.24}) {
        for (double yaw = -pi; yaw < pi; yaw += 0.5) {
          const std::optional<ArmJoints> q = Solve({x, y, z}, yaw);
          ASSERT_TRUE(q.has_value()) << x << " " << y << " " << z << " " << yaw;
          ExpectWithinLimits(*q);
          const Pose at = Forward(*q).X_WG;
          ExpectNear(at.p_m, {x, y, z}, 5e-4);
          EXPECT_LT(YawError(YawOf(at), yaw), 0.002);
          EXPECT_GT(ToMatrix(at.q)[2][2], 0.9999);  // upright
        }
      }
    }
  }
}

TEST(Arm, NeverSolvesBeyondItsLimits) {
  EXPECT_FALSE(Solve({0.6, 0.6, 0.1}, 0).has_value());
  // What cannot be reached is approached, and no joint leaves its range.
  RandomStream rng(3);
  for (int trial = 0; trial < 50; ++trial) {
    ArmJoints q = RandomJoints(rng);
    const Vec3 p = {rng.Uniform(-1, 1), rng.Uniform(-1, 1), rng.Uniform(-0.5, 1.5)};
    for (int i = 0; i < 30; ++i) {
      q = StepTowards(q, {p, DownwardTool(rng.Uniform(-pi, pi))});
      ExpectWithinLimits(q);
    }
  }
}

TEST(Arm, GripperArrivesWhereItIsSentAndStaysUpright) {
  const auto cell = NewArmCell();
  RandomStream rng(4);
  for (int trial = 0; trial < 20; ++trial) {
    const GripperPose target = {
        {rng.Uniform(-0.105, 0.105), rng.Uniform(-0.105, 0.105), rng.Uniform(0.12, 0.2)},
        cell->pose().yaw_rad + rng.Uniform(-1.5, 1.5)};
    ASSERT_TRUE(cell->MoveTo(target, Motion{}).ok());
    const GripperPose at = cell->pose();
    ExpectNear(at.p_m, target.p_m, 0.0016);
    EXPECT_LT(YawError(at.yaw_rad, target.yaw_rad), 0.016) << trial;
    ArmJoints q;
    std::copy_n(cell->data()->qpos, kArmJoints, q.begin());
    ExpectWithinLimits(q);
    EXPECT_GT(ToMatrix(Forward(q).X_WG.q)[2][2], 0.9999);
  }
}

TEST(Arm, TurnsTheOtherWayRoundWhereAJointEnds) {
  const auto cell = NewArmCell();
  cell->Teleport({{0, 0, 0.2}, 0});
  for (int i = 0; i < 6; ++i) {  // one and a half turns
    const double wanted_rad = cell->pose().yaw_rad + pi / 2;
    ASSERT_TRUE(cell->MoveTo({{0, 0, 0.2}, wanted_rad}, Motion{}).ok());
    EXPECT_LT(YawError(cell->pose().yaw_rad, wanted_rad), 0.016) << i;
    EXPECT_LE(std::abs(cell->data()->qpos[6]), kArmLimits_rad[6]);
  }
}

TEST(Arm, PushesNoHarderThanTheFloatingWrist) {
  const auto cell = NewArmCell();
  cell->Teleport({{0, 0, 0.15}, 0});
  ASSERT_TRUE(cell->Step(50).ok());
  const int body = mj_name2id(cell->model(), mjOBJ_BODY, "gripper");
  // 24 N upwards at the tips are held within the spring's way, 45 N lift the gripper.
  cell->data()->xfrc_applied[6 * body + 2] = 24;
  ASSERT_TRUE(cell->Step(300).ok());
  EXPECT_NEAR(cell->pose().p_m[2], 0.15 + 24.0 / 1500, 0.003);
  cell->data()->xfrc_applied[6 * body + 2] = 45;
  ASSERT_TRUE(cell->Step(300).ok());
  EXPECT_GT(cell->pose().p_m[2], 0.20);
}

TEST(Arm, GraspsHoldThroughAWorld) {
  auto world = MakeWorld(WithArm());
  int tries = 0, held = 0;
  for (uint64_t bin = 1; bin <= 8; ++bin) {
    ASSERT_TRUE(world->NewBin(bin).ok());
    ASSERT_TRUE(world->StartEpisode(bin).ok());
    if (!GraspAndLift(*world, 0, 0.2)) continue;
    ++tries;
    const Result<robot::DropTest> verdict = world->Finish();
    ASSERT_TRUE(verdict.ok()) << verdict.status().ToString();
    EXPECT_EQ(verdict->evidence.size(), 2u);
    held += verdict->truth->success;
  }
  EXPECT_GE(tries, 6);
  EXPECT_GE(held, tries - 1);
  EXPECT_THAT(world->env_config(), HasSubstr(R"("arm":"iiwa")"));
  EXPECT_THAT(MakeWorld(SmallConfig())->env_config(), testing::Not(HasSubstr("\"arm\"")));
}

TEST(Arm, IsRepeatable) {
  std::vector<GripperState> ends;
  for (int run = 0; run < 2; ++run) {
    auto world = MakeWorld(WithArm());
    ASSERT_TRUE(world->NewBin(5).ok());
    ASSERT_TRUE(world->StartEpisode(6).ok());
    ASSERT_TRUE(world->Act(Action::Move(0.05, 0.02, -0.15, 0.5)).ok());
    ASSERT_TRUE(world->Act(Action::Close()).ok());
    ends.push_back(world->gripper());
  }
  EXPECT_EQ(ends[0].x_m, ends[1].x_m);
  EXPECT_EQ(ends[0].height_m, ends[1].height_m);
  EXPECT_EQ(ends[0].yaw_rad, ends[1].yaw_rad);
}

TEST(Arm, ParksWithinReach) {
  for (const Camera camera : {Camera::kShoulder, Camera::kTop, Camera::kWrist}) {
    SceneConfig config = WithArm();
    config.camera = camera;
    auto world = MakeWorld(config);
    ASSERT_TRUE(world->NewBin(1).ok());
    ASSERT_TRUE(world->StartEpisode(1).ok());
    ASSERT_TRUE(world->Finish().ok());
    EXPECT_NEAR(world->gripper().height_m, 0.42, 0.01) << EnumName(camera);
  }
}

// Pixels that differ between the arm (or gripper) drawn and hidden.
int PixelsOfGroup(Cell& cell, Renderer& renderer, const CameraModel& camera) {
  const RgbImage with = renderer.Render(cell.model(), cell.data(), camera, true);
  const RgbImage without = renderer.Render(cell.model(), cell.data(), camera, false);
  int n = 0;
  for (size_t i = 0; i < with.rgb_HWC.size(); i += 3) {
    n += std::memcmp(&with.rgb_HWC[i], &without.rgb_HWC[i], 3) != 0;
  }
  return n;
}

TEST(Arm, IsInThePictureAtWorkAndOutOfItWhenParked) {
  const View view = FitView(Camera::kShoulder, {}, {64, 64});
  const auto cell = NewArmCell();
  auto renderer = *Renderer::Create(cell->model(), 64, 64);
  auto floating = *Cell::Create(DrawScene(*ParseObjectSet("train"), 1, 1, 1), kPark_m);
  for (const GripperPose& pose :
       {GripperPose{{0, 0, 0.02}, 0}, GripperPose{{0.05, -0.1, 0.05}, 1}}) {
    cell->Teleport(pose);
    floating->Teleport(pose);
    EXPECT_GT(PixelsOfGroup(*cell, *renderer, view.camera),
              PixelsOfGroup(*floating, *renderer, view.camera) + 60);
  }
  for (const double yaw : {0.0, 0.8, 1.5708}) {
    cell->Teleport({view.park_p_m, yaw});
    EXPECT_EQ(PixelsOfGroup(*cell, *renderer, view.camera), 0);
  }
}

}  // namespace
}  // namespace qt::sim
