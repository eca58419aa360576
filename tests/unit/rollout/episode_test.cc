// SPDX-License-Identifier: Apache-2.0
#include "rollout/episode.h"

#include <gtest/gtest.h>

#include <limits>

#include "fakes.h"

namespace qt::rollout {
namespace {

Result<Episode> RunWith(std::vector<Action> actions, const TaskConfig& task,
                        const EpisodeInfo& info = {}) {
  FakeRobot robot;
  EXPECT_TRUE(robot.NewBin(1).ok());
  FixedPolicy policy(std::move(actions));
  return RunEpisode(robot, policy, task, info, 5, nullptr);
}

TEST(RunEpisode, EndsByTheRuleWithoutExecutingTheLastAction) {
  const auto up = Action::Move(0, 0, 0.01, 0);
  const Result<Episode> episode = RunWith({Action::Close(), up}, TaskConfig());
  ASSERT_TRUE(episode.ok());
  EXPECT_EQ(episode->end_reason, EndReason::kRule);
  ASSERT_EQ(episode->steps.size(), 2u);
  EXPECT_FALSE(episode->steps[0].is_terminal);
  EXPECT_TRUE(episode->steps[1].is_terminal);
  EXPECT_EQ(episode->steps[1].observation.step, 1u);
  EXPECT_FLOAT_EQ(episode->final_gripper.height_m, 0.18f);
}

TEST(RunEpisode, EndsByTerminateOnlyWhereItIsLearned) {
  TaskConfig task;
  EXPECT_EQ(RunWith({Action::Terminate()}, task)->end_reason, EndReason::kLimit);
  task.termination = Termination::kLearned;
  const Result<Episode> episode = RunWith({Action::Terminate()}, task);
  EXPECT_EQ(episode->end_reason, EndReason::kTerminated);
  EXPECT_EQ(episode->steps.size(), 1u);
  const auto up = Action::Move(0, 0, 0.01, 0);
  EXPECT_EQ(RunWith({Action::Close(), up}, task)->end_reason, EndReason::kLimit);
}

TEST(RunEpisode, TheLimitIsNotTerminal) {
  TaskConfig task;
  task.max_steps = 3;
  const Result<Episode> episode = RunWith({Action::Open()}, task);
  EXPECT_EQ(episode->steps.size(), 3u);
  EXPECT_FALSE(episode->steps.back().is_terminal);
  EXPECT_EQ(episode->end_reason, EndReason::kLimit);
}

TEST(RunEpisode, RecordsClippedActions) {
  TaskConfig task;
  const Result<Episode> episode =
      RunWith({Action::Move(9, std::numeric_limits<double>::quiet_NaN(), -9, 0)}, task);
  EXPECT_FLOAT_EQ(episode->steps[0].action.dx_m, float(task.max_dxy_m));
  EXPECT_FLOAT_EQ(episode->steps[0].action.dy_m, 0);
  EXPECT_FLOAT_EQ(episode->steps[0].action.dz_m, float(-task.max_dz_m));
}

TEST(RunEpisode, DescribesItselfAndLabelsTheTruth) {
  EpisodeInfo info;
  info.id = "r-1", info.run_id = "r", info.index = 1, info.exploration = 0.2f, info.tool = "t";
  const Result<Episode> episode = RunWith({Action::Close()}, TaskConfig(), info);
  EXPECT_EQ(episode->id, "r-1");
  EXPECT_EQ(episode->task, "qt-bin/1");
  EXPECT_EQ(episode->policy, "fixed");
  EXPECT_EQ(episode->policy_digest, "d1");
  EXPECT_EQ(episode->env, "fake/1");
  EXPECT_EQ(episode->seed, 5u);
  ASSERT_EQ(episode->labels.size(), 1u);
  EXPECT_EQ(episode->labels[0].source, "sim");
  EXPECT_EQ(episode->labels[0].revision, 0u);
  EXPECT_EQ(episode->labels[0].reward.size(), episode->steps.size());
  EXPECT_EQ(episode->labels[0].content_hash, 0u) << "the writer computes it";
  info.label_truth = false;
  EXPECT_TRUE(RunWith({Action::Close()}, TaskConfig(), info)->labels.empty());
}

TEST(RunEpisode, StopsBetweenSteps) {
  FakeRobot robot;
  FixedPolicy policy({Action::Open()});
  const std::atomic<bool> stop = true;
  const auto episode = RunEpisode(robot, policy, TaskConfig(), {}, 5, &stop);
  EXPECT_EQ(episode.status().code(), Code::kInterrupted);
}

}  // namespace
}  // namespace qt::rollout
