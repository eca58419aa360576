// SPDX-License-Identifier: Apache-2.0
#include "mdp/robot_limits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace qt {
namespace {

GripperState Home() {
  GripperState gripper;
  gripper.height_m = 0.18f;
  return gripper;
}

TEST(RobotLimits, WithoutLimitsAnActionIsUnchangedBitForBit) {
  const Action action = Action::Move(0.0999999, -0.1, 0.16, 1.57);
  EXPECT_EQ(ClipToLimits(action, RobotLimits()).ToArray(), action.ToArray());
}

TEST(RobotLimits, StepsAreClippedAxisByAxis) {
  RobotLimits limits;
  limits.max_step_xy_m = 0.05;
  limits.max_step_z_m = 0.1;
  limits.max_step_yaw_rad = 0.5;
  const Action action = ClipToLimits(Action::Move(0.1, -0.02, -0.16, -1.5), limits);
  EXPECT_FLOAT_EQ(action.dx_m, 0.05f);
  EXPECT_FLOAT_EQ(action.dy_m, -0.02f);
  EXPECT_FLOAT_EQ(action.dz_m, -0.1f);
  EXPECT_NEAR(action.dyaw_rad(), -0.5, 1e-6);
  EXPECT_EQ(ClipToLimits(Action::Close(), limits).Kind(), ActionKind::kClose);
}

TEST(RobotLimits, TheTargetStaysInBothWorkspaces) {
  const TaskConfig task;
  RobotLimits limits;
  limits.x_m = {-0.03, 0.5};
  limits.height_m = {0.02, 0.5};
  const GuardedMotion motion = GuardMotion(Home(), Action::Move(-0.1, 0.1, -0.16, 0), limits, task);
  EXPECT_DOUBLE_EQ(motion.target.x_m, -0.03);
  EXPECT_NEAR(motion.target.y_m, 0.1, 1e-6);
  EXPECT_NEAR(motion.target.height_m, 0.02, 1e-6);
  GripperState corner = Home();
  corner.y_m = 0.1f;
  EXPECT_DOUBLE_EQ(GuardMotion(corner, Action::Move(0, 0.1, 0, 0), limits, task).target.y_m,
                   task.workspace_xy_m);
}

TEST(RobotLimits, TheDurationKeepsTheSpeeds) {
  RobotLimits limits;
  const Action action = Action::Move(0.03, 0.04, 0, 1.0);
  EXPECT_EQ(GuardMotion(Home(), action, limits, TaskConfig()).min_duration_s, 0);
  limits.max_speed_mps = 0.1;
  EXPECT_NEAR(GuardMotion(Home(), action, limits, TaskConfig()).min_duration_s, 0.5, 1e-6);
  limits.max_turn_radps = 0.5;
  EXPECT_NEAR(GuardMotion(Home(), action, limits, TaskConfig()).min_duration_s, 2, 1e-6);
}

TEST(RobotLimits, AWorkspaceThatDoesNotMeetTheTasksIsRefused) {
  RobotLimits limits;
  EXPECT_TRUE(CheckLimits(limits, TaskConfig()).ok());
  limits.x_m = {0.5, 0.9};
  EXPECT_FALSE(CheckLimits(limits, TaskConfig()).ok());
  limits.x_m = {};
  limits.height_m = {0, 0.13};
  EXPECT_FALSE(CheckLimits(limits, TaskConfig()).ok()) << "it could never lift";
}

TEST(RobotLimits, AnImpossiblePoseIsRefused) {
  const TaskConfig task;
  RobotLimits limits;
  limits.x_m = {-0.3, 0.3};
  GripperState gripper = Home();
  gripper.x_m = 0.34f;
  EXPECT_TRUE(CheckPose(gripper, limits, task).ok());
  gripper.x_m = 0.36f;
  EXPECT_FALSE(CheckPose(gripper, limits, task).ok());
  gripper.x_m = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(CheckPose(gripper, RobotLimits(), task).ok());
  gripper = Home();
  gripper.yaw_rad = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(CheckPose(gripper, RobotLimits(), task).ok());
}

TEST(RobotLimits, WithoutAWorkspaceOfItsOwnTheTasksHoldsForThePose) {
  const TaskConfig task;
  const RobotLimits none;
  EXPECT_TRUE(CheckPose(Home(), none, task).ok());
  for (auto member : {&GripperState::x_m, &GripperState::y_m, &GripperState::height_m}) {
    GripperState gripper = Home();
    gripper.*member = 0.4f;
    EXPECT_FALSE(CheckPose(gripper, none, task).ok());
  }
  RobotLimits only_x;  // what it states counts, for the rest the task's
  only_x.x_m = {-0.5, 0.5};
  GripperState gripper = Home();
  gripper.x_m = 0.4f;
  EXPECT_TRUE(CheckPose(gripper, only_x, task).ok());
  gripper.y_m = -0.4f;
  EXPECT_FALSE(CheckPose(gripper, only_x, task).ok());
}

}  // namespace
}  // namespace qt
