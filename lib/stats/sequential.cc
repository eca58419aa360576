// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential.h"

#include <cmath>

#include "base/check.h"

namespace qt::stats {

Sprt::Sprt(double p0, double p1, double error)
    : success_gain_(std::log(p1 / p0)),
      failure_gain_(std::log((1 - p1) / (1 - p0))),
      bound_(-std::log(error)) {
  QT_CHECK(0 < p0 && p0 < p1 && p1 < 1, p0, p1);
  QT_CHECK(0 < error && error < 1, error);
}

double Sprt::LogRatio(uint64_t successes, uint64_t total) const {
  QT_CHECK(successes <= total, successes, total);
  return static_cast<double>(successes) * success_gain_ +
         static_cast<double>(total - successes) * failure_gain_;
}

SprtDecision Sprt::Decide(uint64_t successes, uint64_t total) const {
  const double ratio = LogRatio(successes, total);
  if (ratio >= bound_) return SprtDecision::kAtLeastP1;
  return ratio <= -bound_ ? SprtDecision::kAtMostP0 : SprtDecision::kUndecided;
}

}  // namespace qt::stats
