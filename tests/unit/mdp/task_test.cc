// SPDX-License-Identifier: Apache-2.0
#include "mdp/task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "mdp/camera.h"
#include "mdp/episode.h"

namespace qt {
namespace {

TEST(ClipActionTest, ClipsMotionsToTheirBounds) {
  const TaskConfig task;
  const Action clipped = ClipAction(Action::Move(1, -1, 1, 3), task);
  EXPECT_FLOAT_EQ(clipped.dx_m, static_cast<float>(task.max_dxy_m));
  EXPECT_FLOAT_EQ(clipped.dy_m, static_cast<float>(-task.max_dxy_m));
  EXPECT_FLOAT_EQ(clipped.dz_m, static_cast<float>(task.max_dz_m));
  EXPECT_NEAR(clipped.dyaw_rad(), task.max_dyaw_rad, 1e-6);
}

TEST(ClipActionTest, MakesOneChoiceAndFiniteNumbers) {
  Action mixed = Action::Close();
  mixed.open = 1;
  mixed.dx_m = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(ClipAction(mixed, TaskConfig()).ToArray(), Action::Close().ToArray());
  Action broken = Action::Move(0, 0, 0, 0);
  broken.dy_m = std::numeric_limits<float>::infinity();
  EXPECT_EQ(ClipAction(broken, TaskConfig()).dy_m, 0);
}

TEST(TargetOfTest, StaysInTheWorkspace) {
  const TaskConfig task;
  const GripperState corner{
      .opening = 1, .height_m = 0.01f, .x_m = 0.1f, .y_m = -0.1f, .yaw_rad = 3};
  const GripperTarget target = TargetOf(corner, Action::Move(0.1, -0.1, -0.1, 1), task);
  EXPECT_DOUBLE_EQ(target.x_m, task.workspace_xy_m);
  EXPECT_DOUBLE_EQ(target.y_m, -task.workspace_xy_m);
  EXPECT_DOUBLE_EQ(target.height_m, task.min_height_m);
  EXPECT_NEAR(target.yaw_rad, 4 - 2 * std::numbers::pi, 1e-6);
}

TEST(RuleTerminatesTest, NeedsClosedHighAndUpwards) {
  const TaskConfig task;
  GripperState gripper{.opening = 0, .height_m = 0.14f};
  EXPECT_TRUE(RuleTerminates(gripper, Action::Move(0, 0, 0.01, 0), task));
  EXPECT_FALSE(RuleTerminates(gripper, Action::Move(0, 0, -0.01, 0), task));
  EXPECT_FALSE(RuleTerminates(gripper, Action::Close(), task));
  gripper.height_m = 0.12f;
  EXPECT_FALSE(RuleTerminates(gripper, Action::Move(0, 0, 0.01, 0), task));
  gripper = {.opening = 1, .height_m = 0.14f};
  EXPECT_FALSE(RuleTerminates(gripper, Action::Move(0, 0, 0.01, 0), task));
}

// Paper algorithm 2: commanded upwards. A level move carries what is held, it does not end.
TEST(RuleTerminatesTest, ALevelMoveGoesOn) {
  const GripperState gripper{.opening = 0, .height_m = 0.14f};
  EXPECT_FALSE(RuleTerminates(gripper, Action::Move(0.05f, 0, 0, 0.1f), TaskConfig()));
  EXPECT_TRUE(RuleTerminates(gripper, Action::Move(0, 0, 1e-6f, 0), TaskConfig()));
}

TEST(NextFruitlessTest, AnEmptyCloseCountsUntilTheGripperMovesOrHoldsSomething) {
  const TaskConfig task;
  const GripperState before{.opening = 1, .height_m = 0.05f, .measured_opening_m = 0.085f};
  GripperState empty = before, holding = before;
  empty.measured_opening_m = 0;
  holding.measured_opening_m = 0.03f;
  EXPECT_EQ(NextFruitless(0, Action::Close(), before, empty, task), 1);
  EXPECT_EQ(NextFruitless(0, Action::Close(), before, holding, task), 0);
  EXPECT_EQ(NextFruitless(1, Action::Close(), before, holding, task), 0);
  EXPECT_EQ(NextFruitless(1, Action::Open(), empty, before, task), 1);
  EXPECT_EQ(NextFruitless(1, Action::Move(0.01f, 0, 0, 0), before, before, task), 0);
}

GripperState Closed(float measured_opening_m, float x_m = 0) {
  return {.opening = 0, .height_m = 0.05f, .x_m = x_m, .measured_opening_m = measured_opening_m};
}

TEST(NextFruitlessTest, PadsThatSlideOnWhatTheyHoldAddUpToALoss) {
  const TaskConfig task;
  const Action lift = Action::Move(0, 0, 0.1f, 0);
  EXPECT_EQ(NextFruitless(0, lift, Closed(0.03f), Closed(0.03f), task), 0);
  EXPECT_EQ(NextFruitless(0, lift, Closed(0.03f), Closed(0.04f), task), 0);
  EXPECT_NEAR(NextFruitless(0, lift, Closed(0.03f), Closed(0.029f), task), 0.25, 1e-4);  // of 4 mm
  EXPECT_NEAR(NextFruitless(0.25f, lift, Closed(0.029f), Closed(0.027f), task), 0.75, 1e-4);
  EXPECT_EQ(NextFruitless(0.75f, lift, Closed(0.027f), Closed(0), task), 1);
  EXPECT_NEAR(NextFruitless(0.25f, Action::Close(), Closed(0.03f), Closed(0.029f), task), 0.5,
              1e-4);
  EXPECT_EQ(NextFruitless(1, lift, Closed(0), Closed(0), task), 0);  // it has moved
}

TEST(NextFruitlessTest, AClosingThatPushesTheGripperAsideIsDoubtful) {
  const GripperState open{.opening = 1, .height_m = 0.05f, .measured_opening_m = 0.085f};
  const TaskConfig task;
  EXPECT_NEAR(NextFruitless(0, Action::Close(), open, Closed(0.03f, 0.002f), task), 0.4, 1e-4);
  EXPECT_EQ(NextFruitless(0, Action::Close(), open, Closed(0.03f, 0.02f), task), 1);
}

TEST(NextFruitlessTest, ABlockedDescentCountsAndOneToTheFloorDoesNot) {
  const TaskConfig task;
  const GripperState before{.opening = 1, .height_m = 0.15f, .measured_opening_m = 0.085f};
  GripperState after = before;
  const Action down = Action::Move(0, 0, -0.16f, 0);
  after.height_m = 0.09f;
  EXPECT_EQ(NextFruitless(0, down, before, after, task), 1);
  after.height_m = 0.012f;  // the floor, where the commanded height lies below the workspace
  EXPECT_EQ(NextFruitless(0, down, before, after, task), 0);
}

TEST(CameraTest, UnprojectUndoesProject) {
  CameraModel camera{.width_px = 64,
                     .height_px = 64,
                     .fx_px = 90,
                     .fy_px = 80,
                     .cx_px = 30,
                     .cy_px = 33,
                     .X_WC = {}};
  camera.X_WC = {{0.1, -0.4, 0.7}, FromMatrix({{{1, 0, 0}, {0, -0.8, 0.6}, {0, -0.6, -0.8}}})};
  const Pixel pixel = camera.Project({0.05, 0.08, 0.02});
  EXPECT_GT(pixel.depth_m, 0);
  const Vec3 back = camera.Unproject(pixel.u_px, pixel.v_px, 0.02);
  EXPECT_NEAR(back[0], 0.05, 1e-9);
  EXPECT_NEAR(back[1], 0.08, 1e-9);
}

TEST(RewardsTest, APenaltyAStepAndOneForAGraspAtTheEnd) {
  EXPECT_EQ(Rewards(true, 3, -0.05), (std::vector<float>{-0.05f, -0.05f, 1}));
  EXPECT_EQ(Rewards(false, 2, -0.05), (std::vector<float>{-0.05f, 0}));
  EXPECT_TRUE(Rewards(true, 0, -0.05).empty());
}

TEST(ChooseLabelTest, TakesTheNewestRevisionOfTheWantedSource) {
  Episode episode;
  EXPECT_EQ(ChooseLabel(episode, ""), nullptr);
  for (const auto& [revision, source] :
       std::vector<std::pair<uint32_t, std::string>>{{0, "sim"}, {2, "image"}, {1, "image"}}) {
    Label label;
    label.revision = revision;
    label.source = source;
    episode.labels.push_back(label);
  }
  EXPECT_EQ(ChooseLabel(episode, "")->revision, 2u);
  EXPECT_EQ(ChooseLabel(episode, "sim")->revision, 0u);
  EXPECT_EQ(ChooseLabel(episode, "human:x"), nullptr);
}

}  // namespace
}  // namespace qt
