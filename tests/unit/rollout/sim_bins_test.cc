// SPDX-License-Identifier: Apache-2.0
// The collector on the real simulator: bins that go on, robots that differ, scenes that explode.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "episodes/episode_writer.h"
#include "image/image.h"
#include "policy/random.h"
#include "rollout/collector.h"
#include "sim/sim_robot.h"

namespace qt::rollout {
namespace {

sim::SceneConfig SmallScene() {
  sim::SceneConfig config;
  config.image_size = {32, 32};
  config.min_objects = 2, config.max_objects = 3;
  config.drop_test = false;
  config.task.max_steps = 4;
  return config;
}

std::unique_ptr<sim::SimRobot> NewWorld(const sim::SceneConfig& config) {
  Result<std::unique_ptr<sim::SimRobot>> world = sim::SimRobot::Create(config);
  EXPECT_TRUE(world.ok()) << world.status().ToString();
  return world.ok() ? std::move(*world) : nullptr;
}

double Moved_m(const sim::SimRobot& world, const std::vector<sim::ObjectTruth>& before) {
  const std::vector<sim::ObjectTruth> now = world.objects();
  double moved_m = 0;
  for (size_t i = 0; i < now.size(); ++i) {
    moved_m = std::max(moved_m, Norm(now[i].X_WO.p_m - before[i].X_WO.p_m));
  }
  return moved_m;
}

TEST(SimRobot, WhatLiesInTheBinStaysForTheNextEpisode) {
  const std::unique_ptr<sim::SimRobot> world = NewWorld(SmallScene());
  ASSERT_TRUE(world->NewBin(1).ok());
  ASSERT_TRUE(world->StartEpisode(1).ok());
  ASSERT_TRUE(world->Act(Action::Move(0.05, 0.05, -0.16, 0)).ok());
  ASSERT_TRUE(world->Finish().ok());
  const std::vector<sim::ObjectTruth> after = world->objects();
  ASSERT_TRUE(world->StartEpisode(2).ok());
  EXPECT_LT(Moved_m(*world, after), 1e-9);
  ASSERT_TRUE(world->NewBin(2).ok());
  const std::vector<sim::ObjectTruth> other = world->objects();
  EXPECT_TRUE(other.size() != after.size() || Moved_m(*world, after) > 0.001) << "exchanged";
}

struct Look {
  CameraModel camera;
  std::vector<uint8_t> corner;  // of the picture: the table, which holds no object
};

Look LookOf(sim::SimRobot& world, uint64_t bin) {
  EXPECT_TRUE(world.NewBin(bin).ok());
  EXPECT_TRUE(world.StartEpisode(1).ok());
  const Result<Observation> observation = world.Observe();
  EXPECT_TRUE(observation.ok());
  const RgbImage image = *Decode(observation->image);
  return {observation->camera, {image.rgb_HWC.begin(), image.rgb_HWC.begin() + 3}};
}

// Each environment works on bins of its own; what differs between the paper's robots differs
// between bins.
TEST(SimRobot, EachBinHasItsOwnLightAndWithJitterItsOwnCamera) {
  sim::SceneConfig config = SmallScene();
  config.camera_jitter = 1;
  const std::unique_ptr<sim::SimRobot> world = NewWorld(config);
  std::set<double> cameras;
  std::set<std::vector<uint8_t>> corners;
  for (uint64_t bin = 1; bin <= 4; ++bin) {
    const Look look = LookOf(*world, bin);
    cameras.insert(look.camera.X_WC.p_m[0]);
    corners.insert(look.corner);
  }
  EXPECT_EQ(cameras.size(), 4u);
  EXPECT_GE(corners.size(), 3u);
}

// A real cell whose state goes bad in some bins, as MuJoCo's does: from then on every call fails.
class ExplodingRobot : public robot::Robot {
 public:
  ExplodingRobot(std::unique_ptr<robot::Robot> robot, uint64_t every)
      : robot_(std::move(robot)), every_(every) {}
  Status NewBin(uint64_t seed) override {
    explodes_ = seed % every_ == 0;
    acts_ = 0;
    fault_here_ = robot::Fault::kNone;
    return robot_->NewBin(seed);
  }
  Status Act(const Action& action) override {
    if (explodes_ && ++acts_ > 5) {
      fault_here_ = robot::Fault::kScene;
      return Failed("the scene is unstable: object 0 shot away");
    }
    return robot_->Act(action);
  }
  robot::Fault fault() const override {
    return fault_here_ != robot::Fault::kNone ? fault_here_ : robot_->fault();
  }

  void SetClock(int64_t start_stamp_ns) override { robot_->SetClock(start_stamp_ns); }
  Status StartEpisode(uint64_t seed) override { return robot_->StartEpisode(seed); }
  Result<Observation> Observe() override { return robot_->Observe(); }
  GripperState gripper() const override { return robot_->gripper(); }
  Result<robot::DropTest> Finish() override { return robot_->Finish(); }
  int64_t stamp_ns() const override { return robot_->stamp_ns(); }
  std::string env() const override { return robot_->env(); }
  std::string env_config() const override { return robot_->env_config(); }
  robot::SimCounters counters() const override { return robot_->counters(); }

 private:
  std::unique_ptr<robot::Robot> robot_;
  uint64_t every_;
  bool explodes_ = false;
  int acts_ = 0;
  robot::Fault fault_here_ = robot::Fault::kNone;
};

struct CollectedBins {
  CollectStats stats;
  std::vector<Episode> episodes;
};

CollectedBins CollectBins(int num_envs, uint64_t explode_every) {
  const sim::SceneConfig world = SmallScene();
  CollectorConfig config;
  config.task = world.task;
  config.num_episodes = 12;
  config.swap_every = 3;
  config.num_envs = num_envs;
  config.seed = 3;
  config.run_id = "run";
  CollectedBins result;
  const Status status = Collect(
      config,
      [&](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
        return std::unique_ptr<robot::Robot>(
            std::make_unique<ExplodingRobot>(NewWorld(world), explode_every));
      },
      [&]() -> Result<std::unique_ptr<Policy>> {
        return std::unique_ptr<Policy>(std::make_unique<policy::RandomPolicy>(world.task));
      },
      [&](Episode&& episode, const CollectStats&) {
        result.episodes.push_back(std::move(episode));
        return Ok();
      },
      false, &result.stats);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return result;
}

TEST(SimRobot, ASceneThatExplodesIsDiscardedCountedAndReplaced) {
  const CollectedBins one = CollectBins(1, 2);
  EXPECT_GT(one.stats.discarded_bins, 0u);
  ASSERT_EQ(one.episodes.size(), 12u);
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(one.episodes[i].index, i);
    const bool whole =
        one.episodes[i].steps.back().is_terminal || one.episodes[i].steps.size() == 4;
    EXPECT_TRUE(whole && one.episodes[i].labels.size() == 1) << "half an episode was recorded";
  }
  const CollectedBins three = CollectBins(3, 2);
  EXPECT_EQ(three.stats.discarded_bins, one.stats.discarded_bins);
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(episodes::ComputeContentHash(three.episodes[i]),
              episodes::ComputeContentHash(one.episodes[i]))
        << i;
  }
}

}  // namespace
}  // namespace qt::rollout
