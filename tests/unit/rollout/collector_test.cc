// SPDX-License-Identifier: Apache-2.0
#include "rollout/collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "episodes/episode_writer.h"
#include "fakes.h"
#include "policy/random.h"
#include "support/no_more_threads.h"

namespace qt::rollout {
namespace {

CollectorConfig SmallConfig(int num_envs) {
  CollectorConfig config;
  config.num_episodes = 47;
  config.swap_every = 5;
  config.num_envs = num_envs;
  config.seed = 9;
  config.run_id = "run";
  return config;
}

struct Collected {
  Status status;
  CollectStats stats;
  std::vector<Episode> episodes;
};

Collected RunCollector(const CollectorConfig& config, uint64_t unstable_every = 0) {
  Collected result;
  const std::atomic<bool> stop = false;
  result.status = Collect(
      config,
      [&](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
        return std::unique_ptr<robot::Robot>(std::make_unique<FakeRobot>(unstable_every));
      },
      [&]() -> Result<std::unique_ptr<Policy>> {
        return std::unique_ptr<Policy>(std::make_unique<policy::RandomPolicy>(config.task));
      },
      [&](Episode&& episode, const CollectStats&) {
        result.episodes.push_back(std::move(episode));
        return Ok();
      },
      stop, &result.stats);
  return result;
}

void ExpectSame(const Collected& a, const Collected& b) {
  ASSERT_EQ(a.episodes.size(), b.episodes.size());
  for (size_t i = 0; i < a.episodes.size(); ++i) {
    const Episode &x = a.episodes[i], &y = b.episodes[i];
    EXPECT_EQ(x.id, y.id);
    EXPECT_EQ(x.index, i);
    EXPECT_EQ(x.seed, y.seed);
    EXPECT_EQ(x.stamp_ns, y.stamp_ns);
    EXPECT_EQ(episodes::ComputeContentHash(x), episodes::ComputeContentHash(y)) << i;
    EXPECT_EQ(x.labels[0].success, y.labels[0].success);
  }
}

TEST(Collector, TheNumberOfEnvironmentsChangesNothing) {
  const Collected one = RunCollector(SmallConfig(1));
  ASSERT_TRUE(one.status.ok());
  ASSERT_EQ(one.episodes.size(), 47u);
  for (int num_envs : {2, 3, 8}) ExpectSame(one, RunCollector(SmallConfig(num_envs)));
}

// A bin goes on for swap_every episodes; then its objects are exchanged.
TEST(Collector, BinsAreExchangedEverySoManyEpisodes) {
  class CountingRobot : public FakeRobot {
   public:
    explicit CountingRobot(std::vector<uint64_t>* seeds) : seeds_(seeds) {}
    Status NewBin(uint64_t seed) override {
      seeds_->push_back(seed);
      return FakeRobot::NewBin(seed);
    }

   private:
    std::vector<uint64_t>* seeds_;
  };
  CollectorConfig config = SmallConfig(1);
  std::vector<uint64_t> seeds;
  CollectStats stats;
  const Status status = Collect(
      config,
      [&](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
        return std::unique_ptr<robot::Robot>(std::make_unique<CountingRobot>(&seeds));
      },
      []() -> Result<std::unique_ptr<Policy>> {
        return std::unique_ptr<Policy>(std::make_unique<FixedPolicy>(std::vector{Action::Close()}));
      },
      [](Episode&&, const CollectStats&) { return Ok(); }, false, &stats);
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(seeds.size(), 10u) << "47 episodes, 5 in a bin";
  EXPECT_EQ(std::set<uint64_t>(seeds.begin(), seeds.end()).size(), 10u);
}

TEST(Collector, AnotherSeedChangesEverything) {
  CollectorConfig other = SmallConfig(1);
  other.seed = 10;
  const Collected a = RunCollector(SmallConfig(1)), b = RunCollector(other);
  EXPECT_NE(episodes::ComputeContentHash(a.episodes[0]),
            episodes::ComputeContentHash(b.episodes[0]));
}

TEST(Collector, UnstableBinsAreReplacedAndCounted) {
  const Collected one = RunCollector(SmallConfig(1), 3);
  ASSERT_TRUE(one.status.ok()) << one.status.ToString();
  EXPECT_EQ(one.episodes.size(), 47u);
  EXPECT_GT(one.stats.discarded_bins, 0u);
  const Collected four = RunCollector(SmallConfig(4), 3);
  ExpectSame(one, four);
  EXPECT_EQ(one.stats.discarded_bins, four.stats.discarded_bins);
}

TEST(Collector, ARobotThatNeverWorksIsAnError) {
  const Collected result = RunCollector(SmallConfig(2), 1);
  EXPECT_EQ(result.status.code(), Code::kFailed);
  EXPECT_EQ(result.status.message(), "unstable");
}

TEST(Collector, CountsWhatTheSinkTook) {
  const Collected result = RunCollector(SmallConfig(2));
  uint64_t steps = 0, successes = 0;
  for (const Episode& episode : result.episodes) {
    steps += episode.steps.size();
    successes += episode.labels[0].success;
  }
  EXPECT_EQ(result.stats.episodes, 47u);
  EXPECT_EQ(result.stats.judged, 47u);
  EXPECT_EQ(result.stats.steps, steps);
  EXPECT_EQ(result.stats.successes, successes);
  EXPECT_GT(result.stats.sim.physics_steps, 0u);
}

TEST(Collector, ClocksOfEpisodesDoNotOverlap) {
  CollectorConfig config = SmallConfig(2);
  config.start_stamp_ns = 7;
  const Collected result = RunCollector(config);
  for (size_t i = 0; i < result.episodes.size(); ++i) {
    EXPECT_EQ(result.episodes[i].stamp_ns, 7 + int64_t(i) * kEpisodePeriod_ns);
  }
}

Status CollectWith(const PolicyFactory& new_policy, const EpisodeSink& sink,
                   const std::atomic<bool>& stop, CollectStats* stats) {
  const auto new_robot = [](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
    return std::unique_ptr<robot::Robot>(std::make_unique<FakeRobot>());
  };
  return Collect(SmallConfig(3), new_robot, new_policy, sink, stop, stats);
}

Result<std::unique_ptr<Policy>> NewRandom() {
  return std::unique_ptr<Policy>(std::make_unique<policy::RandomPolicy>(TaskConfig()));
}

TEST(Collector, APolicysErrorEndsTheRun) {
  CollectStats stats;
  const Status status = CollectWith(
      []() -> Result<std::unique_ptr<Policy>> {
        return std::unique_ptr<Policy>(std::make_unique<FailingPolicy>());
      },
      [](Episode&&, const CollectStats&) { return Ok(); }, false, &stats);
  EXPECT_EQ(status.message(), "the server has gone");
  EXPECT_EQ(stats.discarded_bins, 0u);
}

TEST(Collector, ASinksErrorEndsTheRun) {
  CollectStats stats;
  int calls = 0;
  const Status status = CollectWith(
      NewRandom,
      [&](Episode&&, const CollectStats&) {
        return ++calls == 4 ? Status(Code::kClosedPipe, "closed") : Ok();
      },
      false, &stats);
  EXPECT_EQ(status.code(), Code::kClosedPipe);
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(stats.episodes, 3u);
}

robot::RobotFactory FakeRobots() {
  return [](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
    return std::unique_ptr<robot::Robot>(std::make_unique<FakeRobot>());
  };
}

TEST(Collector, ASinkThatThrowsLeavesNoWorkerBehind) {
  const std::atomic<bool> stop = false;
  CollectStats stats;
  const auto sink = [](Episode&&, const CollectStats&) -> Status {
    throw std::runtime_error("no memory for it");
  };
  EXPECT_THROW(
      static_cast<void>(Collect(
          SmallConfig(3), FakeRobots(),
          []() -> Result<std::unique_ptr<Policy>> {
            return std::unique_ptr<Policy>(std::make_unique<policy::RandomPolicy>(TaskConfig()));
          },
          sink, stop, &stats)),
      std::runtime_error);
}

TEST(Collector, AWorkerThatThrowsEndsTheRun) {
  const std::atomic<bool> stop = false;
  CollectStats stats;
  const Status status = Collect(
      SmallConfig(3), FakeRobots(),
      []() -> Result<std::unique_ptr<Policy>> { throw std::runtime_error("no such policy"); },
      [](Episode&&, const CollectStats&) { return Ok(); }, stop, &stats);
  EXPECT_EQ(status.message(), "no such policy");
}

TEST(Collector, WithoutAThreadItSaysSo) {
  const NoMoreThreads none;
  const Collected result = RunCollector(SmallConfig(3));
  EXPECT_THAT(result.status.ToString(), testing::HasSubstr("cannot start another thread"));
  EXPECT_TRUE(result.episodes.empty());
}

TEST(Collector, AStopKeepsWhatIsCompleteInOrder) {
  CollectStats stats;
  std::atomic<bool> stop = false;
  std::vector<uint32_t> indices;
  const Status status = CollectWith(
      NewRandom,
      [&](Episode&& episode, const CollectStats& so_far) {
        indices.push_back(episode.index);
        if (so_far.episodes == 6) stop = true;
        return Ok();
      },
      stop, &stats);
  EXPECT_GE(indices.size(), 6u);
  EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
  EXPECT_EQ(stats.episodes, indices.size());
  if (indices.size() < 47) {
    EXPECT_EQ(status.code(), Code::kInterrupted);
  }
}

TEST(ReorderBuffer, HoldsBackWorkersThatAreTooFarAhead) {
  ReorderBuffer buffer(100, 1, 2, 1);
  EXPECT_EQ(buffer.TakeBin(), 0u);
  EXPECT_EQ(buffer.TakeBin(), 1u);
  std::optional<uint64_t> third;
  std::thread waiting([&] { third = buffer.TakeBin(); });
  buffer.Put(1, Episode());
  buffer.Put(0, Episode());
  EXPECT_TRUE(buffer.Take().has_value());
  waiting.join();
  EXPECT_EQ(third, 2u);
}

TEST(ReorderBuffer, SkipsGapsOnceAllWorkersHaveEnded) {
  ReorderBuffer buffer(10, 5, 2, 1);
  Episode episode;
  episode.index = 3;
  buffer.Put(3, episode);
  buffer.EndWorker(Status(Code::kInterrupted, "x"));
  EXPECT_EQ(buffer.Take()->index, 3u);
  EXPECT_FALSE(buffer.Take().has_value());
  EXPECT_FALSE(buffer.TakeBin().has_value());
  EXPECT_EQ(buffer.status().code(), Code::kInterrupted);
}

TEST(RunId, DependsOnSeedAndDescription) {
  const std::set<std::string> ids = {MakeRunId(1, "a"), MakeRunId(1, "b"), MakeRunId(2, "a")};
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_EQ(MakeRunId(1, "a"), *ids.find(MakeRunId(1, "a")));
  EXPECT_EQ(MakeRunId(1, "a").size(), 16u);
}

}  // namespace
}  // namespace qt::rollout
