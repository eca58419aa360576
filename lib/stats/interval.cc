// SPDX-License-Identifier: Apache-2.0
#include "stats/interval.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/check.h"

namespace qt::stats {

double NormalQuantile(double confidence) {
  QT_CHECK(confidence > 0 && confidence < 1, confidence);
  // Bisection on erfc: slow (microseconds) and exact to the last bits.
  double low = 0, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double z = (low + high) / 2;
    (std::erfc(z / std::numbers::sqrt2) > 1 - confidence ? low : high) = z;
  }
  return (low + high) / 2;
}

Interval Wilson(uint64_t successes, uint64_t total, double confidence) {
  QT_CHECK(successes <= total, successes, total);
  const double z = NormalQuantile(confidence);
  if (total == 0) return {0, 1};
  const double n = static_cast<double>(total);
  const double p = static_cast<double>(successes) / n;
  const double centre = p + z * z / (2 * n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // The ends are exact at 0 and 1, where rounding would leave 1e-17.
  return {successes == 0 ? 0.0 : std::max(0.0, (centre - half) / scale),
          successes == total ? 1.0 : std::min(1.0, (centre + half) / scale)};
}

Rate MakeRate(uint64_t successes, uint64_t total, double confidence) {
  const Interval interval = Wilson(successes, total, confidence);
  const double rate =
      total == 0 ? 0.0 : static_cast<double>(successes) / static_cast<double>(total);
  return {successes, total, rate, interval};
}

void PairedTable::Add(bool first, bool second) {
  ++(first ? (second ? both : only_first) : (second ? only_second : neither));
}

double McNemarExact(const PairedTable& table) {
  const uint64_t discordant = table.only_first + table.only_second;
  if (discordant == 0) return 1;
  const double n = static_cast<double>(discordant);
  const uint64_t fewer = std::min(table.only_first, table.only_second);
  double tail = 0;
  for (uint64_t i = 0; i <= fewer; ++i) {
    const double k = static_cast<double>(i);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                     n * std::numbers::ln2);
  }
  return std::min(1.0, 2 * tail);
}

PairedChange ChangeOf(const PairedTable& table, double confidence) {
  if (table.total() == 0) return {};
  const double total = static_cast<double>(table.total());
  const double won = static_cast<double>(table.only_first);
  const double lost = static_cast<double>(table.only_second);
  const double n = total + 2;
  const double centre = (won - lost) / n;
  const double variance = (won + lost + 1) / n - centre * centre;
  const double half = NormalQuantile(confidence) * std::sqrt(variance / n);
  return {(won - lost) / total, {std::max(-1.0, centre - half), std::min(1.0, centre + half)}};
}

std::vector<double> HolmAdjusted(const std::vector<double>& p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const double times = static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, times * p_values[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

void Series::Add(double value) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  ++count_;
  const double delta = value - mean_;  // Welford 1962
  mean_ += delta / static_cast<double>(count_);
  sum_of_squares_ += delta * (value - mean_);
}

double Series::stddev() const {
  return count_ < 2 ? 0.0 : std::sqrt(sum_of_squares_ / static_cast<double>(count_ - 1));
}

}  // namespace qt::stats
