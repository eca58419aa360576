// When to stop measuring: --until and --sprt. Decided on the attempts in the order of their index,
// so that the number of environments changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "eval/grasp.h"
#include "stats/interval.h"
#include "stats/sequential.h"

namespace qt::eval {

struct SprtRates {
  double p0 = 0, p1 = 0;
};

// At most one of the two is set; with none all attempts are made.
struct StoppingRule {
  std::optional<double> half_width;  // of Wilson's interval of the success rate
  // Tests the success rate or, with two policies, the share that the first wins of the scenes in
  // which only one of them succeeds.
  std::optional<SprtRates> sprt;
  double confidence = 0.95;

  bool any() const { return half_width || sprt; }
};

// "0.02" or "±0.02" (also "+-0.02"), from 0.001 to 0.5.
Result<double> ParseUntil(const std::string& text);
// "P0/P1", 0 < P0 < P1 < 1.
Result<SprtRates> ParseSprt(const std::string& text);

double HalfWidth(const stats::Interval& interval);

// The discordant pairs, which are the trials of a paired sequential test.
struct Trials {
  uint64_t successes = 0, total = 0;
};
Trials TrialsOf(const stats::PairedTable& table);

stats::SprtDecision DecideSprt(const StoppingRule& rule, const Trials& trials);
// Whether one policy's attempts so far are enough.
bool IsEnough(const StoppingRule& rule, uint64_t successes, uint64_t total);

}  // namespace qt::eval
