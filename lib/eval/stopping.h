// SPDX-License-Identifier: Apache-2.0
// When to stop measuring, and what has to be shown: --until, --sprt and --require. Decided on the
// attempts in the order of their index, so that the number of environments changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/setting.h"
#include "base/status.h"
#include "stats/interval.h"
#include "stats/sequential.h"

namespace qt::eval {

// Half the width of an interval: "0.02" or "±0.02" (also "+-0.02"), from 0.001 to 0.5.
struct HalfWidth {
  double value = 0;

  static Result<HalfWidth> Parse(std::string_view text);
  std::string ToString() const;
};

// "P0/P1", 0 < P0 < P1 < 1.
struct SprtRates {
  double p0 = 0, p1 = 0;

  static Result<SprtRates> Parse(std::string_view text);
  std::string ToString() const;
};

// "0.9" asks that the lower end of the interval be at least 0.9; "better" that the policy succeed
// more often than the one it is compared with, McNemar's p-value being below 1 - confidence.
struct Requirement {
  bool better = false;
  double rate = 0;

  static Result<Requirement> Parse(std::string_view text);
  std::string ToString() const;
};

// At most one of `until` and `sprt` is set; with none all attempts are made.
struct Question {
  std::optional<Requirement> require;
  std::optional<HalfWidth> until;  // of Wilson's interval of the success rate
  // Tests the success rate or, with two policies, the share that the first wins of the scenes in
  // which only one of them succeeds.
  std::optional<SprtRates> sprt;
  double confidence = 0.95;

  bool is_open_ended() const { return until || sprt; }
};

template <class V>
void Visit(V&& visit, Question& c) {
  visit("require", c.require,
        {"RATE|better",
         "exit with 3 unless the lower end of the interval is at least RATE, or the policy is "
         "shown to be better than --against"});
  visit(
      "until", c.until,
      {"±W", "stop as soon as the interval reaches no further than W to either side, as in 0.02"});
  visit("sprt", c.sprt,
        {"P0/P1",
         "stop as soon as a sequential test shows success of at most P0 or at least P1; with "
         "--against of the scenes in which only one succeeds the share that POLICY wins, as in "
         "0.5/0.65"});
  visit("confidence", c.confidence,
        {"P", "of the intervals, --require better and --sprt", 0.5, 0.9999});
}

// Across the settings: whether what is required can be shown at all by what is measured. kUsage.
Status CheckQuestion(const Question& question);

double WidthOf(const stats::Interval& interval);  // half of it

// The discordant pairs, which are the trials of a paired sequential test.
struct Trials {
  uint64_t successes = 0, total = 0;
};
Trials TrialsOf(const stats::PairedTable& table);

// REQUIRES: question.sprt.
stats::Sprt SprtOf(const Question& question);
// Whether one policy's attempts so far are enough.
bool IsEnough(const Question& question, uint64_t successes, uint64_t total);

}  // namespace qt::eval
