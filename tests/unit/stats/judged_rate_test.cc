// SPDX-License-Identifier: Apache-2.0
#include "stats/judged_rate.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace qt::stats {
namespace {

TEST(TrueRateOf, PutsBackWhatTheJudgeLost) {
  // 5 % of successes are called failures, no failure is called a success.
  const JudgeErrors errors{0, 1000, 50, 1000};
  const TrueRate rate = TrueRateOf(MakeRate(76, 100), errors, 0.95);
  EXPECT_NEAR(rate.rate, 0.8, 1e-12);
  const Interval judged = Wilson(76, 100);
  EXPECT_LT(rate.interval.low, 0.8);
  EXPECT_GT(rate.interval.high, judged.high);
  EXPECT_GT(rate.interval.high - rate.interval.low, judged.high - judged.low);
}

TEST(TrueRateOf, IsTheJudgedOneIfTheJudgeIsAsGoodAsPerfect) {
  const TrueRate rate = TrueRateOf(MakeRate(45, 50), {0, 100'000'000, 0, 100'000'000}, 0.9);
  const Interval judged = Wilson(45, 50, 0.9);
  EXPECT_NEAR(rate.rate, 0.9, 1e-12);
  EXPECT_NEAR(rate.interval.low, judged.low, 1e-4);
  EXPECT_NEAR(rate.interval.high, judged.high, 1e-4);
}

TEST(TrueRateOf, AFewComparisonsMakeTheIntervalWide) {
  const Rate judged = MakeRate(120, 200);
  const TrueRate few = TrueRateOf(judged, {0, 10, 1, 20}, 0.95);
  const TrueRate many = TrueRateOf(judged, {0, 1000, 100, 2000}, 0.95);
  EXPECT_GT(few.interval.high - few.interval.low, 1.3 * (many.interval.high - many.interval.low));
  EXPECT_LE(few.interval.high, 1);
  EXPECT_GE(TrueRateOf(MakeRate(0, 20), {3, 20, 0, 20}, 0.95).interval.low, 0);
}

// Where the errors themselves were estimated from a few hundred comparisons.
TEST(TrueRateOf, CoversTheTruthAsOftenAsItSays) {
  RandomStream rng(1, "coverage");
  const auto draw = [&rng](uint64_t n, double p) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < n; ++i) count += rng.Chance(p);
    return count;
  };
  for (const double truth : {0.5, 0.8, 0.95}) {
    for (const auto& [a, b] : {std::pair(0.003, 0.03), std::pair(0.05, 0.1)}) {
      int covered = 0;
      constexpr int kRuns = 1000;
      for (int run = 0; run < kRuns; ++run) {
        const JudgeErrors errors{draw(300, a), 300, draw(300, b), 300};
        const uint64_t judged = draw(200, truth * (1 - b) + (1 - truth) * a);
        const Interval interval = TrueRateOf(MakeRate(judged, 200), errors, 0.95).interval;
        covered += interval.low <= truth && truth <= interval.high;
      }
      EXPECT_GE(covered, 930) << truth << " " << a << " " << b;
      EXPECT_LE(covered, 995) << truth << " " << a << " " << b;
    }
  }
}

TEST(CanBeCorrected, NeedsBothKindsAndAJudgeWhoSeesSomething) {
  EXPECT_TRUE(CanBeCorrected({1, 378, 11, 363}));
  EXPECT_FALSE(CanBeCorrected({0, 0, 1, 10}));
  EXPECT_FALSE(CanBeCorrected({0, 10, 0, 0}));
  EXPECT_FALSE(CanBeCorrected({5, 10, 1, 10}));
}

}  // namespace
}  // namespace qt::stats
