// SPDX-License-Identifier: Apache-2.0
// Charts as SVG text, to stand in an HTML page: bars with intervals, stacked counts, lines. No
// scripts, no styles from elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stats/interval.h"

namespace qt::eval {

// &, <, > and quotes as HTML wants them; valid UTF-8 without control characters.
std::string Escaped(const std::string& text);

// One bar a label, from 0 to 1, with its interval and the number of trials below the label. A bar
// without trials is left empty.
struct RateBar {
  std::string label;
  stats::Rate rate;
};
std::string RateChart(const std::string& title, const std::string& x_label,
                      const std::vector<RateBar>& bars);

// Successes (below) and failures (above) of each label.
struct CountBar {
  std::string label;
  uint64_t successes = 0, failures = 0;
};
std::string CountChart(const std::string& title, const std::string& x_label,
                       const std::vector<CountBar>& bars);

struct ChartPoint {
  double x = 0, y = 0;
  std::optional<stats::Interval> interval;  // of y
};
struct ChartLine {
  std::string name;
  std::vector<ChartPoint> points;
};
// Axes from 0 to 1 with the diagonal, or as the points need.
enum class Axes : uint8_t { kUnitSquare, kFitted };
std::string LineChart(const std::string& title, const std::string& x_label, Axes axes,
                      const std::vector<ChartLine>& lines);

}  // namespace qt::eval
