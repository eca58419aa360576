// SPDX-License-Identifier: Apache-2.0
// Success rates, their intervals, and tests between two of them. Each function names its method.
// Plain types only; every function is pure.
#pragma once

#include <cstdint>
#include <vector>

namespace qt::stats {

struct Interval {
  double low = 0;
  double high = 1;
};

// z with P(-z < N(0, 1) < z) = confidence; 0.95 gives 1.959964.
// REQUIRES: 0 < confidence < 1.
double NormalQuantile(double confidence);

// Wilson's score interval (1927) of `successes` out of `total`; [0, 1] if total is 0. It keeps its
// coverage near 0 and 1, where the textbook interval collapses.
// REQUIRES: successes <= total, 0 < confidence < 1.
Interval Wilson(uint64_t successes, uint64_t total, double confidence = 0.95);

// A success rate with its interval.
struct Rate {
  uint64_t successes = 0;
  uint64_t total = 0;
  double rate = 0;  // 0 if total is 0
  Interval interval;
};
Rate MakeRate(uint64_t successes, uint64_t total, double confidence = 0.95);

// The same episodes tried by two policies.
struct PairedTable {
  uint64_t both = 0;        // both succeeded
  uint64_t only_first = 0;  // the discordant pairs: these two carry all the evidence
  uint64_t only_second = 0;
  uint64_t neither = 0;

  void Add(bool first, bool second);
  uint64_t total() const { return both + only_first + only_second + neither; }
};

// McNemar's test, exact and two-sided: under the null hypothesis only_first is binomial with n the
// discordant pairs and probability 1/2. In (0, 1]; 1 if there is no discordant pair.
double McNemarExact(const PairedTable& table);

// first's rate - second's, and Agresti and Min's interval (2005) of it: Wald's after half a pair
// has been added to each cell. {0, [-1, 1]} without pairs.
struct PairedChange {
  double difference = 0;
  Interval interval = {-1, 1};
};
PairedChange ChangeOf(const PairedTable& table, double confidence = 0.95);

// Holm's step-down p-values (1979) of several tests: rejecting those below alpha keeps the
// probability of even one false rejection at alpha. In the order of `p_values`.
std::vector<double> HolmAdjusted(const std::vector<double>& p_values);

// Count, mean, sample standard deviation (0 below two values) and range of a series.
class Series {
 public:
  void Add(double value);
  uint64_t count() const { return count_; }
  double mean() const { return mean_; }
  double stddev() const;
  double min() const { return min_; }
  double max() const { return max_; }

 private:
  uint64_t count_ = 0;
  double mean_ = 0, sum_of_squares_ = 0, min_ = 0, max_ = 0;
};

}  // namespace qt::stats
