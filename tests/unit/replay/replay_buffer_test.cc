// SPDX-License-Identifier: Apache-2.0
#include "replay/replay_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/image.h"

namespace qt::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

constexpr int kSize_px = 16;

// Moves down in two steps, closes, and lifts in two; the gripper goes exactly where it is told.
Episode FiveSteps(const std::string& id, bool success) {
  const TaskConfig task;
  Episode episode;
  episode.id = id;
  GripperState gripper{.opening = 1, .height_m = 0.18f};
  const Action actions[] = {Action::Move(0.02, 0, -0.08, 0.2),
                            Action::Move(0.01, -0.01, -0.08, 0.1), Action::Close(),
                            Action::Move(0, 0, 0.15, 0), Action::Move(0, 0, 0.1, 0)};
  for (const Action& action : actions) {
    Step step;
    step.observation.step = static_cast<uint32_t>(episode.steps.size());
    step.observation.gripper = gripper;
    step.observation.image =
        EncodeJpeg({kSize_px, kSize_px, std::vector<uint8_t>(3 * kSize_px * kSize_px, 100)});
    step.action = action;
    episode.steps.push_back(step);
    if (action.Kind() == ActionKind::kClose) gripper.opening = 0;
    if (action.Kind() == ActionKind::kMove) {
      const GripperTarget target = TargetOf(gripper, action, task);
      gripper.x_m = static_cast<float>(target.x_m);
      gripper.y_m = static_cast<float>(target.y_m);
      gripper.height_m = static_cast<float>(target.height_m);
      gripper.yaw_rad = static_cast<float>(target.yaw_rad);
    }
  }
  episode.steps.back().is_terminal = true;
  Label label;
  label.source = "sim";
  label.success = success;
  label.reward = Rewards(success, episode.steps.size(), task.step_reward);
  episode.labels.push_back(label);
  return episode;
}

EpisodePtr Make(const std::string& id, bool success) {
  return *MakeReplayEpisode(FiveSteps(id, success), "", TaskConfig());
}

TEST(ReplayEpisodeTest, DecodesImagesAndDiscountsReturns) {
  const EpisodePtr episode = Make("a", true);
  EXPECT_EQ(episode->images[0].rgb_HWC.size(), 3u * kSize_px * kSize_px);
  EXPECT_GE(episode->bytes, 5u * 3 * kSize_px * kSize_px);
  // 1 at the end, -0.05 before, discount 0.9.
  EXPECT_THAT(episode->returns, ElementsAre(FloatNear(0.4841f, 1e-3), FloatNear(0.5935f, 1e-3),
                                            FloatNear(0.715f, 1e-3), FloatNear(0.85f, 1e-3), 1.0f));
}

TEST(ReplayEpisodeTest, AnotherStepRewardReplacesTheLabelsButNotAtTheEnd) {
  const auto replay = MakeReplayEpisode(FiveSteps("a", true), "", TaskConfig(), -0.5);
  ASSERT_TRUE(replay.ok());
  EXPECT_THAT((*replay)->rewards, ElementsAre(-0.5f, -0.5f, -0.5f, -0.5f, 1));
  EXPECT_NEAR((*replay)->returns[3], -0.5 + 0.9, 1e-6);
  const auto transitions = TransitionsAt(**replay, 0, TaskConfig(), true, 4);
  EXPECT_EQ(transitions.back().reward, -0.5f);
}

TEST(ReplayEpisodeTest, RemembersThatTheLastCloseCameUpEmpty) {
  Episode episode = FiveSteps("a", false);  // step 2 closes, 3 and 4 move
  episode.steps[3].observation.gripper.measured_opening_m = 0;
  const EpisodePtr empty = *MakeReplayEpisode(episode, "", TaskConfig());
  EXPECT_EQ(empty->states[2].fruitless, 0);
  EXPECT_EQ(empty->states[3].fruitless, 1);
  EXPECT_EQ(empty->states[4].fruitless, 0);  // it has moved
  episode.steps[3].observation.gripper.measured_opening_m = 0.03f;
  const EpisodePtr held = *MakeReplayEpisode(episode, "", TaskConfig());
  EXPECT_EQ(held->states[3].fruitless, 0);
}

TEST(ReplayEpisodeTest, RefusesWhatCannotBeLearnedFrom) {
  Episode unlabelled = FiveSteps("a", true);
  unlabelled.labels.clear();
  EXPECT_FALSE(MakeReplayEpisode(unlabelled, "", TaskConfig()).ok());
  EXPECT_FALSE(MakeReplayEpisode(FiveSteps("a", true), "human:x", TaskConfig()).ok());
  Episode short_rewards = FiveSteps("a", true);
  short_rewards.labels[0].reward.pop_back();
  EXPECT_FALSE(MakeReplayEpisode(short_rewards, "", TaskConfig()).ok());
  Episode broken_image = FiveSteps("a", true);
  broken_image.steps[1].observation.image.bytes = Bytes(20);
  EXPECT_FALSE(MakeReplayEpisode(broken_image, "", TaskConfig()).ok());
}

TEST(ReplayEpisodeTest, ActionsOfOthersAreClippedToTheTasksBounds) {
  Episode episode = FiveSteps("a", true);
  episode.steps[0].action = Action::Move(0.5, -0.5, -0.9, 3);
  const EpisodePtr replay = *MakeReplayEpisode(episode, "", TaskConfig());
  const TaskConfig task;
  EXPECT_FLOAT_EQ(replay->actions[0].dx_m, static_cast<float>(task.max_dxy_m));
  EXPECT_FLOAT_EQ(replay->actions[0].dy_m, static_cast<float>(-task.max_dxy_m));
  EXPECT_FLOAT_EQ(replay->actions[0].dz_m, static_cast<float>(-task.max_dz_m));
  EXPECT_NEAR(replay->actions[0].dyaw_rad(), task.max_dyaw_rad, 1e-6);
}

TEST(TransitionsTest, ComposesMotionsUpToTheFirstGripperCommand) {
  const EpisodePtr episode = Make("a", true);
  const auto transitions = TransitionsAt(*episode, 0, TaskConfig(), true, 8);
  ASSERT_EQ(transitions.size(), 2u);
  EXPECT_EQ(transitions[0].next, 1u);
  EXPECT_EQ(transitions[1].next, 2u);
  EXPECT_NEAR(transitions[1].action.dx_m, 0.03, 1e-6);
  EXPECT_NEAR(transitions[1].action.dy_m, -0.01, 1e-6);
  EXPECT_NEAR(transitions[1].action.dz_m, -0.16, 1e-6);
  EXPECT_NEAR(transitions[1].action.dyaw_rad(), 0.3, 1e-6);
  EXPECT_FLOAT_EQ(transitions[1].reward, -0.05f);
}

// The gripper arrived, but something blocked its turn: what follows is no continuation of the
// motion.
TEST(TransitionsTest, AMotionWhoseTurnWasBlockedIsNotComposed) {
  Episode episode = FiveSteps("a", true);
  episode.steps[1].observation.gripper.yaw_rad -= 0.15f;
  const EpisodePtr blocked = *MakeReplayEpisode(episode, "", TaskConfig());
  EXPECT_EQ(TransitionsAt(*blocked, 0, TaskConfig(), true, 8).size(), 1u);
}

TEST(TransitionsTest, NeverComposesAcrossClosingOrInFrontOfIt) {
  const EpisodePtr episode = Make("a", true);
  EXPECT_EQ(TransitionsAt(*episode, 2, TaskConfig(), true, 8).size(), 1u);
  EXPECT_EQ(TransitionsAt(*episode, 0, TaskConfig(), false, 8).size(), 1u);
  EXPECT_EQ(TransitionsAt(*episode, 0, TaskConfig(), true, 1).size(), 1u);
}

TEST(TransitionsTest, StopsWhereTheGripperDidNotArrive) {
  Episode blocked = FiveSteps("a", true);
  blocked.steps[1].observation.gripper.height_m += 0.03f;  // pushed against something
  const EpisodePtr episode = *MakeReplayEpisode(blocked, "", TaskConfig());
  EXPECT_EQ(TransitionsAt(*episode, 0, TaskConfig(), true, 8).size(), 1u);
}

TEST(TransitionsTest, LeavesOutMotionsBeyondTheBounds) {
  TaskConfig task;
  task.max_dz_m = 0.1;
  const EpisodePtr episode = Make("a", true);
  EXPECT_EQ(TransitionsAt(*episode, 0, task, true, 8).size(), 1u);
}

TEST(TransitionsTest, TheLastStepEndsTheEpisode) {
  const EpisodePtr episode = Make("a", true);
  const auto transitions = TransitionsAt(*episode, 4, TaskConfig(), true, 8);
  ASSERT_EQ(transitions.size(), 1u);
  EXPECT_EQ(transitions[0].next, 5u);
  EXPECT_EQ(transitions[0].reward, 1.0f);
}

std::string IdsOf(const ReplayBuffer& buffer) {
  std::string ids;
  for (const EpisodePtr& episode : buffer.Episodes()) ids += episode->id;
  return ids;
}

TEST(ReplayBufferTest, KeepsUnderItsCapByForgettingTheOldest) {
  const uint64_t one = Make("x", true)->bytes;
  ReplayBuffer buffer(3 * one);
  const EpisodePtr first = Make("0", true);
  buffer.Add(first);
  for (int i = 1; i < 10; ++i) buffer.Add(Make(std::to_string(i), i % 2 == 0));
  EXPECT_EQ(buffer.size(), 3u);
  EXPECT_LE(buffer.bytes(), 3 * one);
  EXPECT_EQ(buffer.num_evicted(), 7u);
  EXPECT_EQ(buffer.counts().steps, 15u);
  EXPECT_EQ(buffer.counts().successes, 1u);
  EXPECT_EQ(IdsOf(buffer), "789");
  EXPECT_TRUE(first->evicted);
  EXPECT_FALSE(buffer.Episodes()[0]->evicted);
}

TEST(ReplayBufferTest, WithBalancedDrawsTheMoreCommonOutcomeGoesFirst) {
  ReplayBuffer buffer(4 * Make("x", true)->bytes, {.balance = 0.5});
  for (const char* id : {"a", "b"}) buffer.Add(Make(id, true));
  for (const char* id : {"p", "q", "r", "s"}) buffer.Add(Make(id, false));
  EXPECT_EQ(IdsOf(buffer), "abrs");
  EXPECT_EQ(buffer.counts().successes, 2u);
}

TEST(ReplayBufferTest, TheCapIsSharedByBothBuffersAsTheyAreDue) {
  ReplayBuffer buffer(4 * Make("x", true)->bytes, {.online_share = 0.5});
  for (const char* id : {"a", "b", "c", "d"}) buffer.Add(Make(id, true));
  buffer.Add(Make("1", true), Origin::kOnline);
  EXPECT_EQ(IdsOf(buffer), "bcd1");
  for (const char* id : {"2", "3", "4"}) buffer.Add(Make(id, false), Origin::kOnline);
  EXPECT_EQ(IdsOf(buffer), "cd34");
  EXPECT_EQ(buffer.counts(Origin::kOnline).episodes, 2u);
  EXPECT_EQ(buffer.counts(Origin::kOffline).steps, 10u);
}

TEST(ReplayBufferTest, DrawsTheShareThatIsAskedForFromTheOnlineBuffer) {
  ReplayBuffer buffer(1 << 30);
  for (int i = 0; i < 9; ++i) buffer.Add(Make(std::to_string(i), false));
  buffer.Add(Make("online", true), Origin::kOnline);
  RandomStream rng(1);
  const auto count = [&](double online_share) {
    int online = 0;
    for (int i = 0; i < 4000; ++i) {
      online += buffer.Draw({.online_share = online_share}, rng).episode->success;
    }
    return online;
  };
  EXPECT_NEAR(count(0.5), 2000, 160);
  EXPECT_NEAR(count(0.01), 40, 30);
  EXPECT_NEAR(count(0), 400, 100);  // all episodes alike
}

TEST(ReplayBufferTest, BalanceDrawsSuccessesAndFailuresAlike) {
  ReplayBuffer buffer(1 << 30);
  buffer.Add(Make("success", true));
  for (int i = 0; i < 9; ++i) buffer.Add(Make(std::to_string(i), false));
  RandomStream rng(1);
  int balanced = 0, plain = 0;
  for (int i = 0; i < 4000; ++i) balanced += buffer.Draw({.balance = 1}, rng).episode->success;
  for (int i = 0; i < 4000; ++i) plain += buffer.Draw({}, rng).episode->success;
  EXPECT_NEAR(balanced, 2000, 160);
  EXPECT_NEAR(plain, 400, 100);
}

TEST(ReplayBufferTest, AStepThatAPersonTookCountsAsOftenAsAskedFor) {
  Episode recorded = FiveSteps("a", true);
  recorded.steps[1].source = recorded.steps[3].source = ActionSource::kHuman;
  ReplayBuffer buffer(1 << 30), without(1 << 30);
  buffer.Add(*MakeReplayEpisode(recorded, "", TaskConfig()));
  without.Add(Make("a", true));
  RandomStream rng(1);
  std::vector<int> drawn(5);
  for (int i = 0; i < 7000; ++i) ++drawn[buffer.Draw({.intervention_weight = 2}, rng).t];
  for (const size_t t : {0, 2, 4}) EXPECT_NEAR(drawn[t], 1000, 120) << t;
  for (const size_t t : {1, 3}) EXPECT_NEAR(drawn[t], 2000, 160) << t;
  RandomStream a(2), b(2);  // as often as the others: the draws of someone who knows of no people
  for (int i = 0; i < 20; ++i) EXPECT_EQ(buffer.Draw({}, a).t, without.Draw({}, b).t);
}

}  // namespace
}  // namespace qt::replay
