// SPDX-License-Identifier: Apache-2.0
// Reports of made outcomes.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "eval/report.h"

namespace qt::eval {

// After 4 steps, by the rule, in which nothing else was seen.
inline Outcome MadeOutcome(uint64_t index, bool success) {
  Outcome outcome{index, 100 + index, success, EndReason::kRule, {}};
  for (const Metric& metric : Metrics()) {
    outcome.values.push_back(
        metric.summary == Summary::kNone ? std::numeric_limits<double>::quiet_NaN() : 0);
  }
  outcome.values[MetricIndex("steps")] = 4;
  return outcome;
}

inline void SetValue(Outcome& outcome, std::string_view metric, double value) {
  outcome.values[MetricIndex(metric)] = value;
}

// 's' a success, 'f' a failure.
inline PolicyReport MadeRow(const std::string& policy, const std::string& outcomes) {
  PolicyReport row;
  row.policy = policy;
  row.scene.objects = "test";
  for (const char c : outcomes) {
    row.result.outcomes.push_back(MadeOutcome(row.result.outcomes.size(), c == 's'));
  }
  return row;
}

inline Report MadeReport(const std::string& first, const std::string& against = "") {
  Report report;
  report.config.collect.seed = 5;
  report.rows = {MadeRow("new.safetensors", first)};
  if (!against.empty()) report.rows.push_back(MadeRow("scripted", against));
  return report;
}

}  // namespace qt::eval
