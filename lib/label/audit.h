// SPDX-License-Identifier: Apache-2.0
// Labels against labels: how often one source agrees with another, and where it does not, in all
// and by size, disturbance and confidence. Rates have intervals.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "json/json_fwd.h"
#include "mdp/episode.h"

namespace qt::label {

inline constexpr char kTruthSource[] = "sim";

// Counts of a label against a reference.
struct Agreement {
  uint64_t both_success = 0, both_failure = 0;
  uint64_t false_success = 0, false_failure = 0;

  void Add(bool label, bool reference);
  uint64_t total() const { return both_success + both_failure + false_success + false_failure; }
  uint64_t agreed() const { return both_success + both_failure; }
  uint64_t reference_successes() const { return both_success + false_failure; }
  uint64_t reference_failures() const { return both_failure + false_success; }
};

// {rate, interval (95 %, Wilson), the four counts, compared, false_success_rate,
// false_failure_rate}; rates are null without episodes.
Json ToJson(const Agreement& agreement);

// The confusion matrix of the label in use (or of one source) against a reference, in all and by
// the size of the held object, by disturbance and by confidence.
class Audit {
 public:
  // `source` empty: the label in use, which is the newest that is not the reference.
  Audit(std::string source, std::string reference);
  void Add(const Episode& episode);

  const Agreement& agreement() const { return all_; }
  uint64_t episodes() const { return episodes_; }
  Json ToJson() const;
  std::string ToText() const;

 private:
  using Buckets = std::map<std::string, Agreement>;
  const Label* Audited(const Episode& episode) const;

  std::string source_, reference_;
  uint64_t episodes_ = 0, without_label_ = 0, without_reference_ = 0;
  Agreement all_;
  std::map<std::string, Buckets> by_;  // "size", "disturbance", "confidence"
};

}  // namespace qt::label
