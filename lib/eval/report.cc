#include "eval/report.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "base/check.h"

namespace qt::eval {
namespace {

constexpr std::array kEndReasons = {EndReason::kTerminated, EndReason::kRule, EndReason::kLimit,
                                    EndReason::kAborted, EndReason::kUnknown};

Status CheckBySprt(const Report& report) {
  const SprtRates& rates = *report.rule.sprt;
  switch (SprtDecisionOf(report)) {
    case stats::SprtDecision::kAtLeastP1:
      return Ok();
    case stats::SprtDecision::kAtMostP0:
      return Partial(
          Format("the sequential test of %g/%g says: at most %g", rates.p0, rates.p1, rates.p0));
    case stats::SprtDecision::kUndecided:
      break;
  }
  return Partial(Format("the sequential test of %g/%g has not decided after %llu trials", rates.p0,
                        rates.p1, static_cast<unsigned long long>(SprtTrials(report).total)));
}

Status CheckBetter(const Report& report) {
  const PolicyReport* against = report.against();
  QT_CHECK(against != nullptr);
  const stats::PairedTable table = PairOutcomes(report.first.result, against->result);
  const double p_value = stats::McNemarExact(table);
  if (table.only_first > table.only_second && p_value < 1 - report.confidence) return Ok();
  return Partial(report.first.policy + " is not shown to be better than " + against->policy +
                 Format(" (p = %.3g)", p_value));
}

Status CheckRate(const Report& report, const PolicyReport& row) {
  const stats::Rate success = SuccessOf(row, report.confidence);
  if (success.interval.low >= report.requirement->rate) return Ok();
  const std::string which = !report.is_table()            ? ""
                            : report.protocol == "ablate" ? " of " + NameOf(row)
                                                          : " under " + row.disturb;
  return Partial("success" + which + " " + Percent(success.rate) + " is not shown to be at least " +
                 Percent(report.requirement->rate) + ": the interval starts at " +
                 Percent(success.interval.low));
}

}  // namespace

std::string NameOf(const PolicyReport& policy) {
  return policy.setting.empty() ? policy.policy : policy.policy + " " + policy.setting;
}

Result<Requirement> ParseRequirement(const std::string& text) {
  if (text == "better") return Requirement{true, 0};
  char* end = nullptr;
  const double rate = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == 0 && rate >= 0 && rate <= 1) return Requirement{false, rate};
  return Usage("--require wants a rate from 0 to 1, or 'better', not '" + text + "'");
}

Status CheckRequirementFits(const Requirement& requirement, const StoppingRule& rule) {
  if (!rule.sprt) return Ok();
  const double p0 = rule.sprt->p0;
  if (requirement.better && p0 < 0.5) {
    return Usage(
        Format("--require better with --sprt needs P0 >= 0.5, not %g: a policy that wins "
               "half of the scenes that tell is no better",
               p0));
  }
  if (!requirement.better && requirement.rate > p0) {
    return Usage(Format("--sprt %g/%g can show a rate above %g, not the %g of --require", p0,
                        rule.sprt->p1, p0, requirement.rate));
  }
  return Ok();
}

uint64_t NumSuccesses(const GraspResult& result) {
  return static_cast<uint64_t>(
      std::count_if(result.outcomes.begin(), result.outcomes.end(),
                    [](const Outcome& outcome) { return outcome.success; }));
}

stats::Rate SuccessOf(const PolicyReport& policy, double confidence) {
  return stats::MakeRate(NumSuccesses(policy.result), policy.result.outcomes.size(), confidence);
}

stats::Rate SuccessOfFirst(const Report& report, int attempts) {
  uint64_t successes = 0, total = 0;
  for (const Outcome& outcome : report.first.result.outcomes) {
    if (outcome.index % uint64_t(report.attempts_per_bin) >= uint64_t(attempts)) continue;
    ++total;
    successes += outcome.success;
  }
  return stats::MakeRate(successes, total, report.confidence);
}

uint64_t NumEmptied(const Report& report) {
  std::map<uint64_t, int> taken_out;
  for (const Outcome& outcome : report.first.result.outcomes) {
    taken_out[outcome.index / uint64_t(report.attempts_per_bin)] += outcome.success;
  }
  return static_cast<uint64_t>(
      std::count_if(taken_out.begin(), taken_out.end(),
                    [&](const auto& bin) { return bin.second == report.bin_objects; }));
}

stats::PairedTable PairOutcomes(const GraspResult& first, const GraspResult& second) {
  stats::PairedTable table;
  const size_t n = std::min(first.outcomes.size(), second.outcomes.size());
  for (size_t i = 0; i < n; ++i) {
    QT_CHECK(first.outcomes[i].index == second.outcomes[i].index, i);
    table.Add(first.outcomes[i].success, second.outcomes[i].success);
  }
  return table;
}

std::vector<Comparison> CompareRows(const Report& report) {
  std::vector<Comparison> comparisons;
  std::vector<double> p_values;
  for (const PolicyReport& row : report.others) {
    Comparison& c = comparisons.emplace_back();
    c.table = PairOutcomes(row.result, report.first.result);
    c.change = stats::ChangeOf(c.table, report.confidence);
    p_values.push_back(c.p_value = stats::McNemarExact(c.table));
  }
  const std::vector<double> adjusted = stats::HolmAdjusted(p_values);
  for (size_t i = 0; i < adjusted.size(); ++i) comparisons[i].p_holm = adjusted[i];
  return comparisons;
}

std::vector<BehaviourCount> CountBehaviours(const GraspResult& result, double confidence) {
  const auto count = [&](const char* name, int Behaviour::*events) {
    BehaviourCount counted{name, 0, {}};
    uint64_t episodes = 0, successes = 0;
    for (const Outcome& outcome : result.outcomes) {
      const int seen = outcome.behaviour.*events;
      counted.events += static_cast<uint64_t>(seen);
      episodes += seen > 0;
      successes += seen > 0 && outcome.success;
    }
    counted.success = stats::MakeRate(successes, episodes, confidence);
    return counted;
  };
  return {count("regrasps", &Behaviour::regrasps), count("slips", &Behaviour::slips),
          count("pushes", &Behaviour::pushes)};
}

stats::Rate SuccessOfDisturbed(const GraspResult& result, double confidence) {
  uint64_t disturbed = 0, successes = 0;
  for (const Outcome& outcome : result.outcomes) {
    disturbed += outcome.truth.disturbed;
    successes += outcome.truth.disturbed && outcome.success;
  }
  return stats::MakeRate(successes, disturbed, confidence);
}

Trials SprtTrials(const Report& report) {
  if (const PolicyReport* against = report.against()) {
    return TrialsOf(PairOutcomes(report.first.result, against->result));
  }
  return {NumSuccesses(report.first.result), report.first.result.outcomes.size()};
}

stats::SprtDecision SprtDecisionOf(const Report& report) {
  return DecideSprt(report.rule, SprtTrials(report));
}

Status CheckRequirement(const Report& report) {
  if (report.rule.sprt) return CheckBySprt(report);
  if (report.requirement->better) return CheckBetter(report);
  QT_TRY(CheckRate(report, report.first));
  if (!report.is_table()) return Ok();
  for (const PolicyReport& row : report.others) QT_TRY(CheckRate(report, row));
  return Ok();
}

std::string Percent(double rate) { return Format("%.1f %%", 100 * rate); }

std::string Percent(const stats::Interval& interval) {
  return Percent(interval.low) + " to " + Percent(interval.high);
}

stats::Series StepsOf(const GraspResult& result) {
  stats::Series steps;
  for (const Outcome& outcome : result.outcomes) steps.Add(static_cast<double>(outcome.steps));
  return steps;
}

std::vector<std::pair<const char*, uint64_t>> EndReasonsOf(const GraspResult& result) {
  std::vector<std::pair<const char*, uint64_t>> counts;
  for (EndReason reason : kEndReasons) {
    const auto count = std::count_if(result.outcomes.begin(), result.outcomes.end(),
                                     [&](const Outcome& o) { return o.end_reason == reason; });
    if (count > 0) counts.emplace_back(ToString(reason), static_cast<uint64_t>(count));
  }
  return counts;
}

std::vector<int> FirstAttempts(const Report& report) {
  std::vector<int> counts;
  for (int count : {10, 20, 30}) {
    if (count < report.attempts_per_bin) counts.push_back(count);
  }
  counts.push_back(report.attempts_per_bin);
  return counts;
}

}  // namespace qt::eval
