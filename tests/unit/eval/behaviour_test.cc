// SPDX-License-Identifier: Apache-2.0
// Regrasps, slips and pushes in episodes made of gripper states.
#include "eval/behaviour.h"

#include <gtest/gtest.h>

#include <vector>

namespace qt::eval {
namespace {

constexpr float kOpen_m = 0.085f, kObject_m = 0.03f;

GripperState At(float height_m, float x_m, bool closed, float between_m) {
  return {closed ? 0.0f : 1.0f, height_m, x_m, 0, 0, between_m};
}
const GripperState kHigh = At(0.18f, 0, false, kOpen_m), kLow = At(0.02f, 0, false, kOpen_m);
const GripperState kEmptyLow = At(0.02f, 0, true, 0), kFullLow = At(0.02f, 0, true, kObject_m);
const GripperState kFullHigh = At(0.18f, 0, true, kObject_m), kEmptyHigh = At(0.18f, 0, true, 0);

// states[i] is before actions[i]; the last one follows the last action.
Episode Acted(const std::vector<Action>& actions, const std::vector<GripperState>& states) {
  Episode episode;
  for (size_t i = 0; i < actions.size(); ++i) {
    Step step;
    step.action = actions[i];
    step.observation.gripper = states[i];
    episode.steps.push_back(step);
  }
  episode.final_gripper = states.back();
  return episode;
}

Behaviour Of(const std::vector<Action>& actions, const std::vector<GripperState>& states) {
  return BehaviourOf(Acted(actions, states), TaskConfig());
}

const Action kUp = Action::Move(0, 0, 0.16, 0), kDown = Action::Move(0, 0, -0.16, 0);
const Action kAside = Action::Move(0.06, 0, 0, 0);

TEST(Behaviour, APlainGraspHasNone) {
  const Behaviour seen = Of({kDown, Action::Close(), kUp}, {kHigh, kLow, kFullLow, kFullHigh});
  EXPECT_EQ(seen.closes, 1);
  EXPECT_EQ(seen.regrasps + seen.slips + seen.pushes, 0);
}

TEST(Behaviour, ARegraspIsAFurtherCloseOfTheOpenGripper) {
  const Behaviour seen =
      Of({Action::Close(), Action::Open(), Action::Close()}, {kLow, kEmptyLow, kLow, kFullLow});
  EXPECT_EQ(seen.closes, 2);
  EXPECT_EQ(seen.regrasps, 1);
  EXPECT_EQ(Of({Action::Close(), Action::Close()}, {kLow, kFullLow, kFullLow}).regrasps, 0)
      << "it was closed already";
}

TEST(Behaviour, ASlipLosesWhatWasHeldWithoutAnOpen) {
  EXPECT_EQ(Of({Action::Close(), kUp}, {kLow, kFullLow, kEmptyHigh}).slips, 1);
  EXPECT_EQ(Of({Action::Close(), kUp}, {kLow, kEmptyLow, kEmptyHigh}).slips, 0) << "never held";
  EXPECT_EQ(Of({Action::Close(), Action::Open()}, {kLow, kFullLow, kLow}).slips, 0) << "let go";
}

TEST(Behaviour, APushIsALowWayToTheSideBeforeAClose) {
  const GripperState aside = At(0.02f, 0.06f, false, kOpen_m);
  const GripperState stopped = At(0.02f, 0.03f, false, kOpen_m);
  const GripperState closed_aside = At(0.02f, 0.06f, true, 0);
  EXPECT_EQ(Of({kAside, Action::Close()}, {kLow, stopped, kFullLow}).pushes, 1) << "blocked";
  EXPECT_EQ(Of({kAside, Action::Close()}, {kLow, aside, kFullLow}).pushes, 0) << "free, open";
  EXPECT_EQ(
      Of({kAside, Action::Open(), Action::Close()}, {kEmptyLow, closed_aside, aside, kFullLow})
          .pushes,
      1)
      << "with the closed gripper";
  EXPECT_EQ(Of({kAside}, {kLow, stopped}).pushes, 0) << "no close came after it";
  EXPECT_EQ(Of({kAside, Action::Open(), Action::Close()},
               {kFullLow, At(0.02f, 0.03f, true, kObject_m), kLow, kFullLow})
                .pushes,
            0)
      << "it carried something";
  EXPECT_EQ(Of({kAside, Action::Close()},
               {At(0.1f, 0, false, kOpen_m), At(0.1f, 0.03f, false, kOpen_m), kFullLow})
                .pushes,
            0)
      << "too high";
}

TEST(Behaviour, TheActionThatEndsTheEpisodeWasNotExecuted) {
  Episode episode = Acted({Action::Close()}, {kLow, kLow});
  episode.steps[0].is_terminal = true;
  EXPECT_EQ(BehaviourOf(episode, TaskConfig()).closes, 0);
}

}  // namespace
}  // namespace qt::eval
