// SPDX-License-Identifier: Apache-2.0
// Attempts with a robot of random numbers.
#include "eval/grasp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "eval/report.h"
#include "policy/random.h"
#include "unit/rollout/fakes.h"

namespace qt::eval {
namespace {

robot::RobotFactory FakeRobots() {
  return [](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
    return std::unique_ptr<robot::Robot>(std::make_unique<rollout::FakeRobot>());
  };
}

rollout::PolicyFactory RandomPolicies() {
  return []() -> Result<std::unique_ptr<Policy>> {
    return std::unique_ptr<Policy>(std::make_unique<policy::RandomPolicy>(TaskConfig()));
  };
}

GraspConfig SmallConfig(int num_envs, uint64_t seed = 3) {
  GraspConfig config;
  config.collect.num_episodes = 40;
  config.collect.swap_every = 1;
  config.collect.seed = seed;
  config.collect.num_envs = num_envs;
  return config;
}

GraspResult RunFake(const GraspConfig& config, const StopTest& enough = {}) {
  const std::atomic<bool> stop = false;
  GraspResult result;
  std::vector<uint64_t> seen;
  const auto sink = [&](const Outcome& outcome, const Episode&) {
    seen.push_back(outcome.index);
    return Ok();
  };
  const Status status =
      RunGrasp(config, FakeRobots(), RandomPolicies(), sink, enough, stop, &result);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.size(), result.outcomes.size());
  return result;
}

TEST(RunGrasp, TheNumberOfEnvironmentsChangesNothing) {
  const GraspResult one = RunFake(SmallConfig(1)), four = RunFake(SmallConfig(4));
  ASSERT_EQ(one.outcomes.size(), 40u);
  ASSERT_EQ(four.outcomes.size(), 40u);
  uint64_t successes = 0;
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(one.outcomes[i].seed, four.outcomes[i].seed);
    EXPECT_EQ(one.outcomes[i].success, four.outcomes[i].success);
    EXPECT_EQ(ValueOf(one.outcomes[i], "steps"), ValueOf(four.outcomes[i], "steps"));
    successes += one.outcomes[i].success;
  }
  EXPECT_GT(successes, 0u);
  EXPECT_LT(successes, 40u);
}

TEST(RunGrasp, WhatIsTriedInAnEmptyBinIsNoAttempt) {
  GraspConfig config = SmallConfig(2);
  config.collect.swap_every = 20;
  config.removed_objects = 3;
  const GraspResult result = RunFake(config);
  std::array<int, 2> successes = {}, attempts = {};
  for (const Outcome& outcome : result.outcomes) {
    ASSERT_LT(outcome.index, 40u);
    ++attempts[outcome.index / 20];
    successes[outcome.index / 20] += outcome.success;
  }
  EXPECT_THAT(successes, testing::Each(3));
  EXPECT_THAT(attempts, testing::Each(testing::Lt(20)));
}

TEST(RunGrasp, StopsWhenItIsEnoughForAnyNumberOfEnvironments) {
  const auto after_three = [](const GraspResult& result) { return NumSuccesses(result) == 3; };
  const GraspResult one = RunFake(SmallConfig(1), after_three);
  const GraspResult four = RunFake(SmallConfig(4), after_three);
  EXPECT_EQ(NumSuccesses(one), 3u);
  EXPECT_TRUE(one.outcomes.back().success);
  EXPECT_LT(one.outcomes.size(), 40u);
  EXPECT_EQ(one.outcomes.size(), four.outcomes.size());
  EXPECT_EQ(one.discarded_bins, four.discarded_bins);
}

TEST(RunGrasp, PartsMakeTheWhole) {
  const GraspResult whole = RunFake(SmallConfig(2));
  GraspConfig part = SmallConfig(2);
  part.collect.first_episode = 30;
  part.collect.num_episodes = 10;
  const GraspResult tail = RunFake(part);
  ASSERT_EQ(tail.outcomes.size(), 10u);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(tail.outcomes[i].index, 30 + i);
    EXPECT_EQ(tail.outcomes[i].seed, whole.outcomes[30 + i].seed);
    EXPECT_EQ(tail.outcomes[i].success, whole.outcomes[30 + i].success);
  }
}

TEST(RunGrasp, AnotherSeedMeansOtherScenes) {
  EXPECT_NE(RunFake(SmallConfig(1, 3)).outcomes[0].seed,
            RunFake(SmallConfig(1, 4)).outcomes[0].seed);
}

TEST(RunGrasp, ASinkThatFailsEndsItAndKeepsWhatWasDone) {
  const std::atomic<bool> stop = false;
  GraspResult result;
  const auto sink = [](const Outcome& outcome, const Episode&) {
    return outcome.index == 5 ? Failed("disk full") : Ok();
  };
  const Status status =
      RunGrasp(SmallConfig(2), FakeRobots(), RandomPolicies(), sink, {}, stop, &result);
  EXPECT_EQ(status.message(), "disk full");
  EXPECT_EQ(result.outcomes.size(), 5u);
}

// A robot that does not know what it did.
class BlindRobot : public rollout::FakeRobot {
 public:
  Result<robot::DropTest> Finish() override {
    QT_ASSIGN(robot::DropTest test, FakeRobot::Finish());
    test.truth.reset();
    return test;
  }
};

GraspResult RunBlind(const LabelJudge& judge, Status* status, std::vector<size_t>* num_labels) {
  const std::atomic<bool> stop = false;
  GraspConfig config = SmallConfig(1);
  config.collect.num_episodes = 6;
  config.judge = judge;
  const auto robots = [](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
    return std::unique_ptr<robot::Robot>(std::make_unique<BlindRobot>());
  };
  const auto sink = [&](const Outcome&, const Episode& episode) {
    num_labels->push_back(episode.labels.size());
    return Ok();
  };
  GraspResult result;
  *status = RunGrasp(config, robots, RandomPolicies(), sink, {}, stop, &result);
  return result;
}

TEST(RunGrasp, ARobotThatDoesNotKnowIsJudgedByLabels) {
  // The second one cannot be judged, of the others every third is a success.
  const auto judge = [](const Episode& episode) -> Result<std::optional<Label>> {
    if (episode.index == 1) return std::optional<Label>();
    Label label;
    label.success = episode.index % 3 == 0;
    return std::optional(label);
  };
  Status status;
  std::vector<size_t> num_labels;
  const GraspResult result = RunBlind(judge, &status, &num_labels);
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_EQ(result.outcomes.size(), 6u);
  EXPECT_THAT(num_labels, testing::ElementsAre(1, 0, 1, 1, 1, 1));
  EXPECT_TRUE(result.outcomes[0].success);
  EXPECT_EQ(result.outcomes[0].judged_by, JudgedBy::kLabel);
  EXPECT_FALSE(result.outcomes[1].success);
  EXPECT_EQ(result.outcomes[1].judged_by, JudgedBy::kNobody);
  EXPECT_EQ(NumSuccesses(result), 2u);
  EXPECT_EQ(RunFake(SmallConfig(1)).outcomes[0].judged_by, JudgedBy::kTruth);
}

TEST(RunGrasp, NobodyWhoJudgesIsAnError) {
  Status status;
  std::vector<size_t> num_labels;
  RunBlind({}, &status, &num_labels);
  EXPECT_THAT(status.message(), testing::HasSubstr("does not know"));
}

TEST(RunGrasp, AStopKeepsWhatWasDone) {
  std::atomic<bool> stop = false;
  GraspResult result;
  const auto sink = [&](const Outcome& outcome, const Episode&) {
    if (outcome.index == 3) stop = true;
    return Ok();
  };
  const Status status =
      RunGrasp(SmallConfig(1), FakeRobots(), RandomPolicies(), sink, {}, stop, &result);
  EXPECT_EQ(status.code(), Code::kInterrupted);
  EXPECT_GE(result.outcomes.size(), 4u);
  EXPECT_LT(result.outcomes.size(), 40u);
}

}  // namespace
}  // namespace qt::eval
