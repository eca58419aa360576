// SPDX-License-Identifier: Apache-2.0
#include "train/train_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace qt::train {
namespace {

std::map<std::string, float> Named(const Scalars& scalars) {
  return {scalars.begin(), scalars.end()};
}

Moment MomentAfter(double num_steps) {
  Moment moment;
  moment.num_steps = num_steps;
  return moment;
}

std::vector<TargetedState> StatesOf(std::initializer_list<int64_t> target_steps) {
  std::vector<TargetedState> states;
  for (const int64_t step : target_steps) {
    states.emplace_back();
    states.back().target_step = step;
    states.back().value = 0.5f;
  }
  return states;
}

TEST(TrainMetricsTest, MeansAreOverTheStepsSinceTheLastLine) {
  TrainMetrics metrics;
  metrics.Add({{.loss = 1}, StatesOf({4, 8}), 10});
  metrics.Add({{.loss = 2}, StatesOf({10, 10}), 11});
  EXPECT_DOUBLE_EQ(metrics.MeanOf("loss"), 1.5);
  const auto line = Named(metrics.Take(MomentAfter(metrics.num_steps())));
  EXPECT_FLOAT_EQ(line.at("loss"), 1.5);
  EXPECT_FLOAT_EQ(line.at("target_age_steps"), 2.5);
  EXPECT_FLOAT_EQ(line.at("label_age_steps"), 2.5);  // under its older name, too
  EXPECT_FLOAT_EQ(line.at("next_value"), 0.5);
  metrics.Add({{.loss = 5}, StatesOf({12}), 12});
  EXPECT_DOUBLE_EQ(metrics.MeanOf("loss"), 5);
}

TEST(TrainMetricsTest, WhatIsNotKnownIsLeftOut) {
  TrainMetrics metrics;
  metrics.Add({{}, StatesOf({0}), 1});
  const auto line = Named(metrics.Take(MomentAfter(1)));
  EXPECT_EQ(line.count("online_success"), 0u);
  EXPECT_EQ(line.count("success"), 0u);
  EXPECT_EQ(line.at("replay_success"), 0);
}

TEST(TrainMetricsTest, TheBuffersAndAnEvaluationAreOfTheMoment) {
  TrainMetrics metrics;
  metrics.Add({{}, StatesOf({0}), 1});
  Moment moment = MomentAfter(2);
  moment.times.target_s = 3;
  moment.online.episodes = 4;
  moment.online.successes = 1;
  moment.held_out = HeldOutResult{.step = 7, .success = 0.8};
  const auto line = Named(metrics.Take(moment));
  EXPECT_FLOAT_EQ(line.at("target_s"), 1.5);
  EXPECT_FLOAT_EQ(line.at("online_success"), 0.25);
  EXPECT_FLOAT_EQ(line.at("success"), 0.8);
  EXPECT_FLOAT_EQ(line.at("success_step"), 7);
}

}  // namespace
}  // namespace qt::train
