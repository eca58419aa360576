// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"
#include "eval/behaviour.h"

namespace qt::eval {
namespace {

// A simulator says 0 where it knows nothing; a real robot has no truth at all.
template <typename Number>
double Known(const Episode& episode, Number Truth::*of) {
  const double known = episode.truth ? static_cast<double>((*episode.truth).*of) : 0;
  return known > 0 ? known : std::numeric_limits<double>::quiet_NaN();
}

constexpr std::array kMetrics = {
    Metric{"steps", Summary::kMean, true,
           [](const Episode& e, const TaskConfig&) { return double(e.steps.size()); }},
    Metric{
        "regrasps", Summary::kEvents, true,
        [](const Episode& e, const TaskConfig& t) { return double(BehaviourOf(e, t).regrasps); }},
    Metric{"slips", Summary::kEvents, true,
           [](const Episode& e, const TaskConfig& t) { return double(BehaviourOf(e, t).slips); }},
    Metric{"pushes", Summary::kEvents, true,
           [](const Episode& e, const TaskConfig& t) { return double(BehaviourOf(e, t).pushes); }},
    Metric{"objects", Summary::kNone, true,
           [](const Episode& e, const TaskConfig&) { return Known(e, &Truth::num_objects); }},
    Metric{"tried_size_m", Summary::kNone, false,
           [](const Episode& e, const TaskConfig&) { return Known(e, &Truth::tried_size_m); }},
    Metric{"held_size_m", Summary::kNone, false,
           [](const Episode& e, const TaskConfig&) { return Known(e, &Truth::held_size_m); }},
};

}  // namespace

std::span<const Metric> Metrics() { return kMetrics; }

std::vector<double> MeasureAll(const Episode& episode, const TaskConfig& task) {
  std::vector<double> values;
  values.reserve(kMetrics.size());
  for (const Metric& metric : kMetrics) values.push_back(metric.of(episode, task));
  return values;
}

size_t MetricIndex(std::string_view key) {
  const auto metric = std::ranges::find(kMetrics, key, &Metric::key);
  QT_CHECK(metric != kMetrics.end(), key);
  return size_t(metric - kMetrics.begin());
}

}  // namespace qt::eval
