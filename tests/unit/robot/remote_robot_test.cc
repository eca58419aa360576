// SPDX-License-Identifier: Apache-2.0
// The robot protocol from end to end, on a fake robot: this very program is the driver, when the
// environment says so. tests/faults has the drivers that misbehave.
#include "robot/remote_robot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "episodes/episode_writer.h"
#include "policy/random.h"
#include "robot/robot_driver.h"
#include "rollout/collector.h"
#include "unit/rollout/fakes.h"

namespace qt::robot {
namespace {

using testing::HasSubstr;

constexpr char kDriverVariable[] = "QT_TEST_ROBOT_DRIVER";

// Before main: a driver's standard output belongs to the protocol. The variable's value is
// FakeRobot's unstable_every.
[[maybe_unused]] const bool is_driver = [] {
  const char* unstable_every = std::getenv(kDriverVariable);
  if (unstable_every == nullptr) return false;
  const DrivenRobotFactory new_robot =
      [&](const protocol::RobotClientHello&) -> Result<std::unique_ptr<Robot>> {
    return std::unique_ptr<Robot>(
        std::make_unique<rollout::FakeRobot>(std::strtoull(unstable_every, nullptr, 10)));
  };
  const std::unique_ptr<ByteSource> in = StdinSource();
  const std::unique_ptr<ByteSink> out = StdoutSink();
  ::_exit(DriveRobot("fake driver 1", new_robot, *in, *out).ok() ? 0 : 1);
}();

RemoteRobotConfig DriverConfig(uint64_t unstable_every) {
  RemoteRobotConfig config;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  config.command = std::string(kDriverVariable) + "=" + std::to_string(unstable_every) + " " + self;
  config.backoff_s = 0.01;
  return config;
}

struct Collected {
  Status status;
  rollout::CollectStats stats;
  std::vector<Episode> episodes;
};

Collected RunCollector(int num_envs, const RobotFactory& new_robot) {
  rollout::CollectorConfig config;
  config.num_episodes = 23;
  config.swap_every = 5;
  config.num_envs = num_envs;
  config.seed = 9;
  config.run_id = "run";
  Collected result;
  const std::atomic<bool> stop = false;
  result.status = rollout::Collect(
      config, new_robot,
      [&]() -> Result<std::unique_ptr<Policy>> {
        return std::unique_ptr<Policy>(std::make_unique<policy::RandomPolicy>(config.task));
      },
      [&](Episode&& episode, const rollout::CollectStats&) {
        result.episodes.push_back(std::move(episode));
        return Ok();
      },
      stop, &result.stats);
  return result;
}

RobotFactory Direct(uint64_t unstable_every) {
  return [=](const RobotContext&) -> Result<std::unique_ptr<Robot>> {
    return std::unique_ptr<Robot>(std::make_unique<rollout::FakeRobot>(unstable_every));
  };
}

RobotFactory Driven(uint64_t unstable_every) {
  return [=](const RobotContext& context) -> Result<std::unique_ptr<Robot>> {
    return std::unique_ptr<Robot>(
        std::make_unique<RemoteRobot>(DriverConfig(unstable_every), context));
  };
}

void ExpectSame(const Collected& a, const Collected& b) {
  ASSERT_TRUE(a.status.ok()) << a.status.ToString();
  ASSERT_TRUE(b.status.ok()) << b.status.ToString();
  ASSERT_EQ(a.episodes.size(), b.episodes.size());
  for (size_t i = 0; i < a.episodes.size(); ++i) {
    const Episode &x = a.episodes[i], &y = b.episodes[i];
    EXPECT_EQ(episodes::ComputeContentHash(x), episodes::ComputeContentHash(y))
        << i;  // over pictures, steps and actions
    EXPECT_EQ(x.env + x.env_config, y.env + y.env_config);
    EXPECT_EQ(x.labels[0].success, y.labels[0].success);
    EXPECT_EQ(x.labels[0].config, y.labels[0].config);
    EXPECT_EQ(x.labels[0].reward, y.labels[0].reward);
  }
  EXPECT_EQ(a.stats.discarded_bins, b.stats.discarded_bins);
}

TEST(RemoteRobot, GivesTheSameEpisodesAsTheRobotItself) {
  const Collected direct = RunCollector(1, Direct(0));
  for (int num_envs : {1, 2, 4}) ExpectSame(direct, RunCollector(num_envs, Driven(0)));
}

TEST(RemoteRobot, DiscardedScenesAreTheSameToo) {
  const Collected direct = RunCollector(2, Direct(3));
  EXPECT_GT(direct.stats.discarded_bins, 0u);
  const Collected driven = RunCollector(2, Driven(3));
  ExpectSame(direct, driven);
  EXPECT_EQ(driven.stats.robot_failures, 0u);
}

TEST(RemoteRobot, ASceneThatIsAlwaysDiscardedIsAnError) {
  const Collected driven = RunCollector(1, Driven(1));
  EXPECT_THAT(driven.status.message(), HasSubstr("unstable"));
}

TEST(RemoteRobot, BeforeItRunsEverythingIsAnError) {
  RemoteRobot robot(DriverConfig(0), {0, [] { return false; }});
  EXPECT_FALSE(robot.StartEpisode(1).ok());
  EXPECT_FALSE(robot.Observe().ok());
  EXPECT_FALSE(robot.Act(Action::Close()).ok());
  EXPECT_FALSE(robot.Finish().ok());
}

TEST(RemoteRobot, StopsWaitingWhenToldTo) {
  RemoteRobotConfig config;
  config.command = "sleep 100";
  RemoteRobot robot(config, {0, [] { return true; }});
  EXPECT_EQ(robot.NewBin(1).code(), Code::kInterrupted);
}

TEST(RemoteRobot, TheNameOfTheObjectsIsKeptInTheEpisodes) {
  RemoteRobotConfig config = DriverConfig(0);
  config.objects_name = "tools";
  RemoteRobot robot(config, {0, [] { return false; }});
  ASSERT_TRUE(robot.NewBin(1).ok());
  EXPECT_EQ(robot.env_config(), "{\"objects\":\"tools\"}");
}

}  // namespace
}  // namespace qt::robot
