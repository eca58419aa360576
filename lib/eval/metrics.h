// SPDX-License-Identifier: Apache-2.0
// What is measured of each attempt. A number is one line of the table in metrics.cc; its key in the
// lines of --episodes and its summary in the report, in the tables and on the page follow from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mdp/episode.h"
#include "mdp/task.h"

namespace qt::eval {

// How the numbers of all attempts of a policy are summed up.
enum class Summary : uint8_t {
  kNone,
  kMean,    // mean, standard deviation and range; the mean is a column of the tables
  kEvents,  // how many there were, and the success of the attempts with one or more
};

struct Metric {
  const char* key;
  Summary summary;
  bool is_count;  // a whole number
  // NaN: this attempt has none.
  double (*of)(const Episode& episode, const TaskConfig& task);
};
std::span<const Metric> Metrics();

// One number for each metric.
std::vector<double> MeasureAll(const Episode& episode, const TaskConfig& task);
// The position of a metric. REQUIRES: there is such a key.
size_t MetricIndex(std::string_view key);

}  // namespace qt::eval
