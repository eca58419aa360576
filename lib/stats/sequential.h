// SPDX-License-Identifier: Apache-2.0
// Measuring until the answer is clear: Wald's sequential probability ratio test.
// Plain types only.
#pragma once

#include <cstdint>

namespace qt::stats {

enum class SprtDecision : uint8_t { kUndecided, kAtMostP0, kAtLeastP1 };

// Tests whether a rate is at most p0 or at least p1 (Wald 1945). The boundaries are 1 / error and
// error, not Wald's approximate ones: by Ville's inequality a wrong decision for any rate outside
// of (p0, p1) then has at most probability `error`, whenever one looks and whatever the last trial
// overshoots. REQUIRES: 0 < p0 < p1 < 1, 0 < error < 1.
class Sprt {
 public:
  Sprt(double p0, double p1, double error);

  // After `successes` of `total` trials. The first decision stands: ask after each trial, or after
  // each batch of trials.
  SprtDecision Decide(uint64_t successes, uint64_t total) const;
  // Natural logarithm of the likelihood ratio of p1 to p0.
  double LogRatio(uint64_t successes, uint64_t total) const;

 private:
  double success_gain_, failure_gain_;  // of the log ratio
  double bound_;
};

}  // namespace qt::stats
