// SPDX-License-Identifier: Apache-2.0
// Off-policy classification by hand, and the statistics around it.
#include "stats/opc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qt::stats {
namespace {

using testing::ElementsAre;

// Pairs: 0.9 0.7 of a success, 0.6 0.2 0.1 of a failure.
const std::vector<ScoredEpisode> kTwo = {{true, {0.9f, 0.7f}}, {false, {0.6f, 0.2f, 0.1f}}};

TEST(ScoreOpc, ByHand) {
  const OpcScores scores = ScoreOpc(kTwo);
  EXPECT_NEAR(scores.soft_opc, 0.8 - 0.5, 1e-6);
  EXPECT_NEAR(scores.opc, 1 - 0.4, 1e-12) << "between 0.7 and 0.6";
  EXPECT_NEAR(scores.threshold, 0.65, 1e-6);
}

TEST(ScoreOpc, AQThatTellsNothingScoresNothing) {
  const OpcScores scores = ScoreOpc({{true, {0.5f, 0.5f}}, {false, {0.5f}}});
  EXPECT_EQ(scores.soft_opc, 0);
  EXPECT_EQ(scores.opc, 0);
  EXPECT_EQ(ScoreOpc({{false, {0.9f}}}).opc, 0) << "no success";
}

TEST(ScoreOpc, AWorseRankingScoresLess) {
  const OpcScores reversed = ScoreOpc({{true, {0.1f, 0.2f}}, {false, {0.9f, 0.8f}}});
  EXPECT_LT(reversed.soft_opc, 0);
  EXPECT_EQ(reversed.opc, 0) << "no threshold helps";
}

TEST(EstimateOpc, RepeatableAndAroundTheValue) {
  std::vector<ScoredEpisode> episodes;
  for (int i = 0; i < 60; ++i) {
    const float shift = 0.01f * static_cast<float>(i % 7);
    episodes.push_back({i % 3 == 0, {(i % 3 == 0 ? 0.7f : 0.4f) + shift, 0.5f - shift}});
  }
  const OpcEstimate a = EstimateOpc(episodes, 200, 0.95, 5);
  EXPECT_EQ(a.soft_opc.draws, EstimateOpc(episodes, 200, 0.95, 5).soft_opc.draws);
  EXPECT_NE(a.soft_opc.draws, EstimateOpc(episodes, 200, 0.95, 6).soft_opc.draws);
  EXPECT_EQ(a.soft_opc.value, ScoreOpc(episodes).soft_opc);
  EXPECT_LT(a.soft_opc.interval.low, a.soft_opc.value);
  EXPECT_GT(a.soft_opc.interval.high, a.soft_opc.value);
  EXPECT_LT(a.soft_opc.interval.high - a.soft_opc.interval.low, 0.1);
}

// Two episodes, so a resample is both, twice the success, or twice the failure: by hand 0.3, 0 and
// 0 for SoftOPC, and 0.6, 0 and 0 for OPC.
TEST(EstimateOpc, EveryResampleOfTwoEpisodesByHand) {
  const OpcEstimate estimate = EstimateOpc(kTwo, 400, 0.95, 1);
  int mixed = 0;
  for (size_t i = 0; i < 400; ++i) {
    const bool both = estimate.soft_opc.draws[i] > 0.1;
    mixed += both;
    EXPECT_NEAR(estimate.soft_opc.draws[i], both ? 0.3 : 0, 1e-6);
    EXPECT_NEAR(estimate.opc.draws[i], both ? 0.6 : 0, 1e-6);
  }
  EXPECT_NEAR(mixed, 200, 40) << "half of them";
}

TEST(Spearman, RanksWithTies) {
  EXPECT_THAT(RanksOf({3, 1, 3, 2}), ElementsAre(3.5, 1, 3.5, 2));
  EXPECT_NEAR(Spearman({1, 2, 3, 4}, {10, 20, 25, 1000}), 1, 1e-12);
  EXPECT_NEAR(Spearman({1, 2, 3}, {3, 2, 1}), -1, 1e-12);
  EXPECT_EQ(Spearman({1, 1, 1}, {3, 2, 1}), 0);
  EXPECT_NEAR(RSquared({1, 2, 3}, {2, 4, 6}), 1, 1e-12);
}

TEST(PercentileInterval, Quantiles) {
  std::vector<double> values;
  for (int i = 0; i <= 100; ++i) values.push_back(100 - i);
  const Interval interval = PercentileInterval(values, 0.9);
  EXPECT_EQ(interval.low, 5);
  EXPECT_EQ(interval.high, 95);
}

}  // namespace
}  // namespace qt::stats
