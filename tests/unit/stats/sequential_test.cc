// SPDX-License-Identifier: Apache-2.0
// The sequential test: its boundaries, and its error rates computed exactly, not sampled.
#include "stats/sequential.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace qt::stats {
namespace {

TEST(Sprt, LogRatioByHand) {
  const Sprt test(0.5, 0.8, 0.05);
  EXPECT_NEAR(test.LogRatio(3, 5), 3 * std::log(1.6) + 2 * std::log(0.4), 1e-12);
  EXPECT_EQ(test.LogRatio(0, 0), 0);
}

TEST(Sprt, DecidesAtALikelihoodRatioOfTwenty) {
  const Sprt test(0.5, 0.8, 0.05);  // 1.6^7 = 26.8, 0.4^4 = 1 / 39
  EXPECT_EQ(test.Decide(6, 6), SprtDecision::kUndecided);
  EXPECT_EQ(test.Decide(7, 7), SprtDecision::kAtLeastP1);
  EXPECT_EQ(test.Decide(0, 3), SprtDecision::kUndecided);
  EXPECT_EQ(test.Decide(0, 4), SprtDecision::kAtMostP0);
}

// The probability that `decision` is the first one within `limit` trials at this rate: the
// distribution of the successes of tests that are still open, trial by trial.
double ProbabilityOf(SprtDecision decision, const Sprt& test, double rate, int limit) {
  std::vector<double> open = {1};
  double decided = 0;
  for (int n = 1; n <= limit; ++n) {
    std::vector<double> next(open.size() + 1, 0.0);
    for (size_t k = 0; k < open.size(); ++k) {
      next[k] += open[k] * (1 - rate);
      next[k + 1] += open[k] * rate;
    }
    for (size_t k = 0; k < next.size(); ++k) {
      const SprtDecision now = test.Decide(k, uint64_t(n));
      if (now == decision) decided += next[k];
      if (now != SprtDecision::kUndecided) next[k] = 0;
    }
    open = std::move(next);
  }
  return decided;
}

TEST(Sprt, WrongDecisionsAreAsRareAsSaid) {
  for (double error : {0.1, 0.05, 0.01}) {
    const Sprt test(0.7, 0.8, error);
    EXPECT_LE(ProbabilityOf(SprtDecision::kAtLeastP1, test, 0.7, 1000), error);
    EXPECT_LE(ProbabilityOf(SprtDecision::kAtLeastP1, test, 0.6, 1000), error);
    EXPECT_LE(ProbabilityOf(SprtDecision::kAtMostP0, test, 0.8, 1000), error);
    EXPECT_GT(ProbabilityOf(SprtDecision::kAtLeastP1, test, 0.7, 1000), error / 2) << "not lax";
    EXPECT_GT(ProbabilityOf(SprtDecision::kAtLeastP1, test, 0.8, 1000), 0.98 * (1 - error));
  }
}

}  // namespace
}  // namespace qt::stats
