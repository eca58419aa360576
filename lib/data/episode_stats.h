// SPDX-License-Identifier: Apache-2.0
// Distributions over episodes: actions, state, steps, return, Q values, and how far labels agree.
// One pass, bounded memory.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "json/json_fwd.h"
#include "mdp/episode.h"
#include "stats/interval.h"

namespace qt::data {

// Mean, deviation, range and quantiles of a series. Quantiles are exact up to kSampleSize values,
// and from then on those of a random sample of that size (always the same one for the same series).
class Distribution {
 public:
  static constexpr size_t kSampleSize = 20'000;

  Distribution() : random_(0, "quantiles") {}
  void Add(double value);  // NaN is not counted
  uint64_t count() const { return series_.count(); }
  double mean() const { return series_.mean(); }
  // 0 <= q <= 1; linear between values. REQUIRES: count() > 0.
  double Quantile(double q) const;
  Json ToJson() const;  // {count, mean, stddev, min, p05, p25, median, p75, p95, max}
  std::string ToText() const;

 private:
  stats::Series series_;
  std::vector<double> sample_;
  RandomStream random_;
};

class EpisodeStats {
 public:
  EpisodeStats();
  // `label` is the label that counts, or nullptr.
  void Add(const Episode& episode, const Label* label);
  Json ToJson() const;
  std::string ToText() const;

 private:
  struct Named {
    std::string name;
    Distribution values;
  };
  // Two label sources, in the order of their names.
  using Pair = std::pair<std::string, std::string>;

  void AddStep(const Step& step);
  void AddAgreement(const Episode& episode);

  std::vector<Named> action_, state_;
  Distribution steps_, return_, q_value_, image_bytes_, confidence_;
  std::map<std::string, uint64_t> kinds_, sources_;
  uint64_t episodes_ = 0, labelled_ = 0, successes_ = 0;
  std::map<Pair, stats::PairedTable> agreement_;
};

}  // namespace qt::data
