#include "eval/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "record/task_json.h"

namespace qt::eval {
namespace {

constexpr std::array kEndReasons = {EndReason::kTerminated, EndReason::kRule, EndReason::kLimit,
                                    EndReason::kAborted, EndReason::kUnknown};

template <typename... Values>
std::string Format(const char* format, Values... values) {
  std::array<char, 256> text;
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

stats::Series StepsOf(const GraspResult& result) {
  stats::Series steps;
  for (const Outcome& outcome : result.outcomes) steps.Add(static_cast<double>(outcome.steps));
  return steps;
}

// The reasons that occurred, with their counts.
std::vector<std::pair<const char*, uint64_t>> EndReasonsOf(const GraspResult& result) {
  std::vector<std::pair<const char*, uint64_t>> counts;
  for (EndReason reason : kEndReasons) {
    const auto count = std::count_if(result.outcomes.begin(), result.outcomes.end(),
                                     [&](const Outcome& o) { return o.end_reason == reason; });
    if (count > 0) counts.emplace_back(ToString(reason), static_cast<uint64_t>(count));
  }
  return counts;
}

Json ToJson(const stats::Interval& interval) { return Json::array({interval.low, interval.high}); }

Json PolicyToJson(const PolicyReport& policy, double confidence) {
  const stats::Rate success = SuccessOf(policy, confidence);
  const stats::Series steps = StepsOf(policy.result);
  Json end_reasons = Json::object();
  for (const auto& [reason, count] : EndReasonsOf(policy.result)) end_reasons[reason] = count;
  const Json rate = success.total > 0 ? Json(success.rate) : Json(nullptr);
  return {{"policy", policy.policy},
          {"policy_name", policy.name},
          {"digest", policy.digest},
          {"episodes", policy.result.outcomes.size()},
          {"success",
           {{"rate", rate},
            {"interval", ToJson(success.interval)},
            {"confidence", confidence},
            {"count", success.successes}}},
          {"steps",
           {{"mean", steps.mean()},
            {"stddev", steps.stddev()},
            {"min", steps.min()},
            {"max", steps.max()}}},
          {"end_reasons", std::move(end_reasons)},
          {"discarded_bins", policy.result.discarded_bins},
          {"task", record::ToJson(policy.task)}};
}

Json ComparisonToJson(const Report& report) {
  const stats::PairedTable table = PairOutcomes(report.first.result, report.against->result);
  const stats::Rate a = SuccessOf(report.first, report.confidence);
  const stats::Rate b = SuccessOf(*report.against, report.confidence);
  return {{"episodes", table.total()},
          {"both", table.both},
          {"only_first", table.only_first},
          {"only_second", table.only_second},
          {"neither", table.neither},
          {"difference", a.rate - b.rate},
          {"p_value", stats::McNemarExact(table)}};
}

// The paper's columns that this run has, and the whole of it.
std::vector<int> FirstAttempts(const Report& report) {
  std::vector<int> counts;
  for (int count : {10, 20, 30}) {
    if (count < report.attempts_per_bin) counts.push_back(count);
  }
  counts.push_back(report.attempts_per_bin);
  return counts;
}

Json BinToJson(const Report& report) {
  Json first = Json::array();
  for (int attempts : FirstAttempts(report)) {
    const stats::Rate rate = SuccessOfFirst(report, attempts);
    first.push_back({{"attempts", attempts},
                     {"episodes", rate.total},
                     {"count", rate.successes},
                     {"rate", rate.total > 0 ? Json(rate.rate) : Json(nullptr)},
                     {"interval", ToJson(rate.interval)}});
  }
  return {{"objects", report.bin_objects},
          {"attempts", report.attempts_per_bin},
          {"emptied", NumEmptied(report)},
          {"first", std::move(first)}};
}

std::string Percent(double rate) { return Format("%.1f %%", 100 * rate); }

std::string EndReasonsText(const GraspResult& result) {
  std::string text;
  for (const auto& [reason, count] : EndReasonsOf(result)) {
    text += (text.empty() ? "" : ", ") + std::string(reason) + " " + std::to_string(count);
  }
  return text.empty() ? "-" : text;
}

using Row = std::vector<std::string>;

Row RowOf(const Report& report, const PolicyReport& policy) {
  const stats::Rate success = SuccessOf(policy, report.confidence);
  return {policy.policy,
          report.objects,
          std::to_string(success.total),
          Percent(success.rate),
          Percent(success.interval.low) + " to " + Percent(success.interval.high),
          Format("%.2f", StepsOf(policy.result).mean()),
          EndReasonsText(policy.result)};
}

// Two blanks between columns; the first two and the last are words and start left.
std::string Align(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const std::string padding(widths[i] - row[i].size(), ' ');
      text += i < 2 ? row[i] + padding : last ? row[i] : padding + row[i];
      if (!last) text += "  ";
    }
    text += '\n';
  }
  return text;
}

std::string BinText(const Report& report) {
  std::string text;
  for (int attempts : FirstAttempts(report)) {
    const stats::Rate rate = SuccessOfFirst(report, attempts);
    text += "first " + std::to_string(attempts) + " attempts at each bin: " + Percent(rate.rate) +
            " of " + std::to_string(rate.total) + ", " + Percent(rate.interval.low) + " to " +
            Percent(rate.interval.high) + "\n";
  }
  return text + "bins of " + std::to_string(report.bin_objects) +
         " emptied: " + std::to_string(NumEmptied(report)) + "\n";
}

std::string ComparisonText(const Report& report) {
  const stats::PairedTable table = PairOutcomes(report.first.result, report.against->result);
  return "paired over " + std::to_string(table.total()) + " scenes: both " +
         std::to_string(table.both) + ", only the first " + std::to_string(table.only_first) +
         ", only the second " + std::to_string(table.only_second) + ", neither " +
         std::to_string(table.neither) +
         Format("; exact McNemar p = %.3g\n", stats::McNemarExact(table));
}

}  // namespace

Result<Requirement> ParseRequirement(const std::string& text) {
  if (text == "better") return Requirement{true, 0};
  char* end = nullptr;
  const double rate = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == 0 && rate >= 0 && rate <= 1) return Requirement{false, rate};
  return Usage("--require wants a rate from 0 to 1, or 'better', not '" + text + "'");
}

stats::Rate SuccessOf(const PolicyReport& policy, double confidence) {
  const auto& outcomes = policy.result.outcomes;
  const auto successes = std::count_if(outcomes.begin(), outcomes.end(),
                                       [](const Outcome& outcome) { return outcome.success; });
  return stats::MakeRate(static_cast<uint64_t>(successes), outcomes.size(), confidence);
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

Status CheckRequirement(const Report& report) {
  const Requirement& requirement = *report.requirement;
  if (requirement.better) {
    QT_CHECK(report.against.has_value());
    const stats::PairedTable table = PairOutcomes(report.first.result, report.against->result);
    const double p_value = stats::McNemarExact(table);
    const bool better = table.only_first > table.only_second && p_value < 1 - report.confidence;
    if (better) return Ok();
    return Partial(report.first.policy + " is not shown to be better than " +
                   report.against->policy + Format(" (p = %.3g)", p_value));
  }
  const stats::Rate success = SuccessOf(report.first, report.confidence);
  if (success.interval.low >= requirement.rate) return Ok();
  return Partial("success " + Percent(success.rate) + " is not shown to be at least " +
                 Percent(requirement.rate) + ": the interval starts at " +
                 Percent(success.interval.low));
}

Json ToJson(const Report& report) {
  Json json = {{"protocol", report.protocol},
               {"objects", report.objects},
               {"disturb", report.disturb},
               {"seed", report.seed}};
  if (report.arm != "none") json["arm"] = report.arm;
  json.update(PolicyToJson(report.first, report.confidence));
  if (report.protocol == "bin") json["bin"] = BinToJson(report);
  double seconds = report.first.result.seconds;
  uint64_t episodes = report.first.result.outcomes.size();
  if (report.against) {
    json["against"] = PolicyToJson(*report.against, report.confidence);
    json["paired"] = ComparisonToJson(report);
    seconds += report.against->result.seconds;
    episodes += report.against->result.outcomes.size();
  }
  if (report.requirement) {
    const Requirement& requirement = *report.requirement;
    json["require"] = {{"what", requirement.better ? Json("better") : Json(requirement.rate)},
                       {"met", CheckRequirement(report).ok()}};
  }
  json["timing"] = {{"seconds", seconds},
                    {"episodes_per_s", seconds > 0 ? static_cast<double>(episodes) / seconds : 0.0},
                    {"num_envs", report.num_envs}};
  return json;
}

std::string ToText(const Report& report) {
  std::vector<Row> rows = {{"policy", "objects", "episodes", "success",
                            Format("%g %% interval", 100 * report.confidence), "steps",
                            "ended by"}};
  rows.push_back(RowOf(report, report.first));
  if (report.against) rows.push_back(RowOf(report, *report.against));
  std::string text = Align(rows);
  if (report.protocol == "bin") text += BinText(report);
  if (report.against) text += ComparisonText(report);
  return text;
}

Json ToJson(const std::string& policy, const Outcome& outcome) {
  return {{"policy", policy},       {"index", outcome.index},
          {"seed", outcome.seed},   {"success", outcome.success},
          {"steps", outcome.steps}, {"end_reason", ToString(outcome.end_reason)}};
}

}  // namespace qt::eval
