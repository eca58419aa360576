// SPDX-License-Identifier: Apache-2.0
#include "stats/judged_rate.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace qt::stats {
namespace {

double Corrected(double judged, double false_success, double false_failure) {
  return std::clamp((judged - false_success) / (1 - false_success - false_failure), 0.0, 1.0);
}

}  // namespace

bool CanBeCorrected(const JudgeErrors& errors) {
  if (errors.failures == 0 || errors.successes == 0) return false;
  return double(errors.false_successes) / double(errors.failures) +
             double(errors.false_failures) / double(errors.successes) <
         0.5;
}

TrueRate TrueRateOf(const Rate& judged, const JudgeErrors& errors, double confidence) {
  QT_CHECK(judged.total > 0 && CanBeCorrected(errors), judged.total);
  const Rate p = MakeRate(judged.successes, judged.total, confidence);
  const Rate a = MakeRate(errors.false_successes, errors.failures, confidence);
  const Rate b = MakeRate(errors.false_failures, errors.successes, confidence);
  const double rate = Corrected(p.rate, a.rate, b.rate);
  const auto distance = [&](double judged_end, double false_success_end, double false_failure_end) {
    return std::hypot(rate - Corrected(judged_end, a.rate, b.rate),
                      rate - Corrected(p.rate, false_success_end, b.rate),
                      rate - Corrected(p.rate, a.rate, false_failure_end));
  };
  const double down = distance(p.interval.low, a.interval.high, b.interval.low);
  const double up = distance(p.interval.high, a.interval.low, b.interval.high);
  return {rate, {std::max(0.0, rate - down), std::min(1.0, rate + up)}};
}

}  // namespace qt::stats
