// SPDX-License-Identifier: Apache-2.0
#include "eval/report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace qt::eval {
namespace {

constexpr std::array kEndReasons = {EndReason::kTerminated, EndReason::kRule, EndReason::kLimit,
                                    EndReason::kAborted, EndReason::kUnknown};

Status CheckBySprt(const Report& report) {
  const auto [p0, p1] = *report.config.question.sprt;
  switch (SprtDecisionOf(report)) {
    case stats::SprtDecision::kAtLeastP1:
      return Ok();
    case stats::SprtDecision::kAtMostP0:
      return Partial(Format("the sequential test of %g/%g says: at most %g", p0, p1, p0));
    case stats::SprtDecision::kUndecided:
      break;
  }
  return Partial(Format("the sequential test of %g/%g has not decided after %llu trials", p0, p1,
                        static_cast<unsigned long long>(SprtTrials(report).total)));
}

Status CheckBetter(const Report& report) {
  const PolicyReport* against = report.against();
  QT_CHECK(against != nullptr);
  const PolicyReport& first = report.rows[0];
  const Comparison c = Compare(first.result, against->result, report.confidence());
  const bool wins = c.table.only_first > c.table.only_second;
  if (wins && c.p_value < 1 - report.confidence()) return Ok();
  return Partial(first.policy + " is not shown to be better than " + against->policy +
                 Format(" (p = %.3g)", c.p_value));
}

std::string Which(const Report& report, const PolicyReport& row) {
  switch (report.rows_are) {
    case RowsAre::kPolicies:
      return " of " + RowName(row);
    case RowsAre::kDisturbances:
      return " under " + std::string(EnumName(row.scene.disturb));
    case RowsAre::kConditions:
      return " under " + (row.setting.empty() ? "no change" : row.setting);
    case RowsAre::kNone:
      break;
  }
  return "";
}

Status CheckRate(const Report& report, const PolicyReport& row) {
  const stats::Rate success = SuccessOf(row.result, report.confidence());
  const double low = IntervalOf(report, row).low;
  const double wanted = report.config.question.require->rate;
  if (low >= wanted) return Ok();
  return Partial("success" + Which(report, row) + " " + Percent(success.rate) +
                 " is not shown to be at least " + Percent(wanted) + ": the interval starts at " +
                 Percent(low));
}

}  // namespace

std::string RowName(const PolicyReport& row) {
  return row.setting.empty() ? row.policy : row.policy + " " + row.setting;
}

uint64_t NumSuccesses(const GraspResult& result) {
  return static_cast<uint64_t>(std::ranges::count(result.outcomes, true, &Outcome::success));
}

stats::Rate SuccessOf(const GraspResult& result, double confidence) {
  return stats::MakeRate(NumSuccesses(result), result.outcomes.size(), confidence);
}

std::optional<stats::TrueRate> TrueSuccessOf(const Report& report, const PolicyReport& row) {
  const std::vector<Outcome>& outcomes = row.result.outcomes;
  const auto knew = std::ranges::count(outcomes, JudgedBy::kTruth, &Outcome::judged_by);
  if (!report.label_errors || outcomes.empty() || knew > 0) return std::nullopt;
  return stats::TrueRateOf(SuccessOf(row.result, report.confidence()), *report.label_errors,
                           report.confidence());
}

stats::Interval IntervalOf(const Report& report, const PolicyReport& row) {
  const std::optional<stats::TrueRate> corrected = TrueSuccessOf(report, row);
  return corrected ? corrected->interval : SuccessOf(row.result, report.confidence()).interval;
}

Comparison Compare(const GraspResult& first, const GraspResult& second, double confidence) {
  Comparison c;
  const size_t n = std::min(first.outcomes.size(), second.outcomes.size());
  for (size_t i = 0; i < n; ++i) {
    QT_CHECK(first.outcomes[i].index == second.outcomes[i].index, i);
    c.table.Add(first.outcomes[i].success, second.outcomes[i].success);
  }
  c.change = stats::ChangeOf(c.table, confidence);
  c.p_value = stats::McNemarExact(c.table);
  return c;
}

std::vector<Comparison> CompareRows(const Report& report) {
  std::vector<Comparison> comparisons;
  std::vector<double> p_values;
  for (size_t i = 1; i < report.rows.size(); ++i) {
    comparisons.push_back(
        Compare(report.rows[i].result, report.rows[0].result, report.confidence()));
    p_values.push_back(comparisons.back().p_value);
  }
  const std::vector<double> adjusted = stats::HolmAdjusted(p_values);
  for (size_t i = 0; i < adjusted.size(); ++i) comparisons[i].p_holm = adjusted[i];
  return comparisons;
}

std::vector<EventCount> CountEvents(const GraspResult& result, double confidence) {
  std::vector<EventCount> counts;
  for (size_t m = 0; m < Metrics().size(); ++m) {
    if (Metrics()[m].summary != Summary::kEvents) continue;
    EventCount& count = counts.emplace_back(EventCount{Metrics()[m].key, 0, {}});
    uint64_t attempts = 0, successes = 0;
    for (const Outcome& outcome : result.outcomes) {
      const double events = outcome.values[m];
      if (!(events > 0)) continue;
      count.events += static_cast<uint64_t>(events);
      ++attempts;
      successes += outcome.success;
    }
    count.success = stats::MakeRate(successes, attempts, confidence);
  }
  return counts;
}

Counts EndReasonsOf(const GraspResult& result) {
  Counts counts;
  for (const EndReason reason : kEndReasons) {
    const auto count = std::ranges::count(result.outcomes, reason, &Outcome::end_reason);
    if (count > 0) counts.emplace_back(ToString(reason), static_cast<uint64_t>(count));
  }
  return counts;
}

Trials SprtTrials(const Report& report) {
  const GraspResult& first = report.rows[0].result;
  if (const PolicyReport* against = report.against()) {
    return TrialsOf(Compare(first, against->result, report.confidence()).table);
  }
  return {NumSuccesses(first), first.outcomes.size()};
}

stats::SprtDecision SprtDecisionOf(const Report& report) {
  const Trials trials = SprtTrials(report);
  return SprtOf(report.config.question).Decide(trials.successes, trials.total);
}

Status CheckRequirement(const Report& report) {
  if (report.config.question.sprt) return CheckBySprt(report);
  if (report.config.question.require->better) return CheckBetter(report);
  for (const PolicyReport& row : report.rows) {
    QT_TRY(CheckRate(report, row));
    if (!report.is_table()) break;  // the other one is only compared with
  }
  return Ok();
}

}  // namespace qt::eval
