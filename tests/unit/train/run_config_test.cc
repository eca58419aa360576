// SPDX-License-Identifier: Apache-2.0
#include "train/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/settings.h"

namespace qt::train {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

RunConfig Changed() {
  RunConfig config;
  config.loop.steps = 4000;
  config.loop.publish.held_out.every_steps = 500;
  config.replay_bytes = {uint64_t{512} << 20};
  config.train.label = "sim";
  config.train.seed = 18'364'758'544'493'064'720u;
  config.train.targets = TargetKind::kReturns;
  config.train.step_reward = -0.02;
  config.train.target_cem = {.num_samples = 16, .num_elites = 4, .num_iterations = 1};
  config.train.task.discount = 0.97;
  config.train.task.termination = Termination::kLearned;
  config.train.network.architecture = *qnet::ArchitectureName::Parse("add");
  return config;
}

TEST(RunConfigTest, RoundTripsThroughJson) {
  const Json json = json::Write(Changed());
  const auto copy = RunConfigFromJson(json);
  ASSERT_TRUE(copy.ok()) << copy.status().ToString();
  EXPECT_TRUE(Differences(Changed(), *copy).empty());
  EXPECT_EQ(json.at("replay_bytes"), "512M");
  EXPECT_EQ(json.at("evaluate_every"), 500);
  EXPECT_EQ(json.at("task").at("discount"), 0.97);
}

// As 0.1 wrote it.
TEST(RunConfigTest, ReadsOlderRunFolders) {
  const auto old = RunConfigFromJson(Json::parse(R"({
      "network": {"architecture": "aligned", "image_width_px": 48, "image_height_px": 48,
                  "frame_width_px": 64, "frame_height_px": 64, "merge": "mlp",
                  "state_input": "paper", "tower_channels": 8},
      "task": {"name": "qt-bin/1", "discount": 0.97, "step_reward": -0.01},
      "target_cem": "16/4/2", "act_cem": "64/6/4", "optimizer": "sgd", "bootstrap": false,
      "publish_steps": 7, "labels_per_step": 5, "step_reward": -0.01, "batch_size": 4})"));
  ASSERT_TRUE(old.ok()) << old.status().ToString();
  EXPECT_EQ(old->train.network.architecture.ToString(), "mlp");
  EXPECT_EQ(old->train.crop, 48);
  EXPECT_EQ(old->train.task.discount, 0.97);
  EXPECT_EQ(old->train.target_cem.num_samples, 16);
  EXPECT_EQ(old->train.optimizer, OptimizerKind::kSgd);
  EXPECT_EQ(old->train.targets, TargetKind::kReturns);
  EXPECT_EQ(old->train.target_refresh_steps, 7);
  EXPECT_EQ(old->train.targets_per_step, 5);
  EXPECT_EQ(old->train.step_reward, -0.01);
  EXPECT_EQ(old->train.batch_size, 4);
  EXPECT_EQ(old->loop.steps, LoopConfig().steps);
}

TEST(RunConfigTest, RefusesWhatIsNoConfiguration) {
  EXPECT_FALSE(RunConfigFromJson(Json::array()).ok());
  EXPECT_FALSE(RunConfigFromJson({{"network", 3}}).ok());
  EXPECT_THAT(RunConfigFromJson({{"batch_size", 0}}).status().message(), HasSubstr("batch_size"));
}

TEST(RunConfigTest, WhatTheWeightsDependOnCannotChangeWithinARun) {
  const auto refusal = [](const auto& change) {
    RunConfig given = Changed();
    change(given);
    return CheckChanges(Changed(), given).message();
  };
  EXPECT_EQ(refusal([](RunConfig& c) { c.train.task.discount = 0.9; }), "");
  EXPECT_EQ(refusal([](RunConfig& c) { c.train.batch_size = 8; }), "");
  EXPECT_EQ(refusal([](RunConfig& c) { c.loop.keep = 0; }), "");
  EXPECT_EQ(refusal([](RunConfig& c) { c.train.seed = 1; }), "");  // of the updaters' threads
  EXPECT_THAT(refusal([](RunConfig& c) {
                c.train.network.architecture = *qnet::ArchitectureName::Parse("mlp");
              }),
              HasSubstr("--architecture cannot change within a run: it is add, not mlp;"));
  EXPECT_THAT(refusal([](RunConfig& c) { c.train.network.tower_channels = 4; }),
              HasSubstr("--tower-channels cannot change"));
  EXPECT_THAT(refusal([](RunConfig& c) { c.train.optimizer = OptimizerKind::kSgd; }),
              HasSubstr("--optimizer cannot change"));
  EXPECT_THAT(refusal([](RunConfig& c) { c.train.crop = 32; }), HasSubstr("--crop cannot change"));
}

TEST(RunConfigTest, TheHistorySaysWhatChangedAtWhichStep) {
  const Json first = ConfigWithHistory(nullptr, Changed(), 0, "qt-train 1", "qt-train a", 10);
  RunConfig now = Changed();
  now.train.task.discount = 0.9;
  now.train.step_reward.reset();
  const Json second = ConfigWithHistory(first, now, 40, "qt-train 2", "qt-train b", 20);
  EXPECT_EQ(second.at("task").at("discount"), 0.9);
  EXPECT_FALSE(second.contains("step_reward"));
  ASSERT_THAT(second.at("history"), SizeIs(2));
  EXPECT_EQ(second["history"][0], Json({{"step", 0},
                                        {"time_s", 10.0},
                                        {"tool", "qt-train 1"},
                                        {"command_line", "qt-train a"},
                                        {"changed", Json::object()}}));
  EXPECT_EQ(second["history"][1]["step"], 40);
  EXPECT_EQ(second["history"][1]["changed"],
            Json({{"discount", {{"from", 0.97}, {"to", 0.9}}},
                  {"step_reward", {{"from", -0.02}, {"to", nullptr}}}}));
  EXPECT_TRUE(RunConfigFromJson(second).ok());
}

}  // namespace
}  // namespace qt::train
