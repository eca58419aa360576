// SPDX-License-Identifier: Apache-2.0
// A success rate as somebody judged it who errs, and what it says of the true one. Pure functions
// of plain types.
#pragma once

#include <cstdint>

#include "stats/interval.h"

namespace qt::stats {

// How a judge erred where the truth was known.
struct JudgeErrors {
  uint64_t false_successes = 0, failures = 0;  // of so many true failures
  uint64_t false_failures = 0, successes = 0;  // of so many true successes
};

// The true rate behind a judged one (Rogan and Gladen 1978): (p - a) / (1 - a - b), with p the
// judged rate, a the share of failures that are called successes, and b that of successes that are
// called failures. Its interval combines Wilson's of p, a and b: the distances that each of the
// three ends alone moves the estimate are added as squares (Zou and Donner 2008). Without known
// errors it is Wilson's of p; all within [0, 1].
// REQUIRES: judged.total > 0; errors are counted out of some; a + b < 1.
struct TrueRate {
  double rate = 0;
  Interval interval;
};
TrueRate TrueRateOf(const Rate& judged, const JudgeErrors& errors, double confidence);

// Whether the two errors leave something to be seen: a + b < 1/2.
bool CanBeCorrected(const JudgeErrors& errors);

}  // namespace qt::stats
