// The reports as a table for the terminal: eval/report.h.
#include <algorithm>

#include "base/text.h"
#include "eval/report.h"

namespace qt::eval {
namespace {

using Row = std::vector<std::string>;

std::string EndReasonsText(const GraspResult& result) {
  std::string text;
  for (const auto& [reason, count] : EndReasonsOf(result)) {
    text += (text.empty() ? "" : ", ") + std::string(reason) + " " + std::to_string(count);
  }
  return text.empty() ? "-" : text;
}

std::string IntervalHead(const Report& report) {
  return Format("%g %% interval", 100 * report.confidence);
}

Row TextRow(const Report& report, const PolicyReport& policy) {
  const stats::Rate success = SuccessOf(policy, report.confidence);
  return {NameOf(policy),
          policy.objects,
          std::to_string(success.total),
          Percent(success.rate),
          Percent(success.interval),
          Format("%.2f", StepsOf(policy.result).mean()),
          EndReasonsText(policy.result)};
}

constexpr size_t kWords = 2;  // columns before the numbers

// Rows against the first: policies, or disturbances of one policy.
std::string ComparisonTable(const Report& report) {
  const bool ablate = report.protocol == "ablate";
  std::vector<Row> rows = {{ablate ? "policy" : "disturbed", "objects", "episodes", "success",
                            IntervalHead(report), "change", IntervalHead(report), "p", "p (Holm)",
                            "steps", "ended by"}};
  const std::vector<Comparison> comparisons = CompareRows(report);
  for (size_t i = 0; i <= report.others.size(); ++i) {
    const PolicyReport& policy = i == 0 ? report.first : report.others[i - 1];
    Row row = TextRow(report, policy);
    if (!ablate) row[0] = policy.disturb;
    Row change = {"-", "-", "-", "-"};
    if (i > 0) {
      const Comparison& c = comparisons[i - 1];
      change = {
          Format("%+.1f %%", 100 * c.change.difference),
          Format("%+.1f %% to %+.1f %%", 100 * c.change.interval.low, 100 * c.change.interval.high),
          Format("%.2g", c.p_value), Format("%.2g", c.p_holm)};
    }
    row.insert(row.begin() + 5, change.begin(), change.end());
    rows.push_back(std::move(row));
  }
  return Aligned(rows, kWords);
}

std::string BinText(const Report& report) {
  std::string text;
  for (int attempts : FirstAttempts(report)) {
    const stats::Rate rate = SuccessOfFirst(report, attempts);
    text += "first " + std::to_string(attempts) + " attempts at each bin: " + Percent(rate.rate) +
            " of " + std::to_string(rate.total) + ", " + Percent(rate.interval) + "\n";
  }
  return text + "bins of " + std::to_string(report.bin_objects) +
         " emptied: " + std::to_string(NumEmptied(report)) + "\n";
}

std::string PairedText(const Report& report) {
  const stats::PairedTable table = PairOutcomes(report.first.result, report.against()->result);
  return "paired over " + std::to_string(table.total()) + " scenes: both " +
         std::to_string(table.both) + ", only the first " + std::to_string(table.only_first) +
         ", only the second " + std::to_string(table.only_second) + ", neither " +
         std::to_string(table.neither) +
         Format("; exact McNemar p = %.3g\n", stats::McNemarExact(table));
}

// What the policy did beyond a single close, if it did.
std::string BehaviourText(const Report& report) {
  std::string text;
  for (const BehaviourCount& count : CountBehaviours(report.first.result, report.confidence)) {
    if (count.events == 0) continue;
    text += std::string(text.empty() ? "" : ", ") + count.name + " in " +
            std::to_string(count.success.total) + " (" + std::to_string(count.success.successes) +
            " of them grasped)";
  }
  return text.empty() ? text : "episodes with " + text + "\n";
}

std::string RuleText(const Report& report) {
  const double width = HalfWidth(SuccessOf(report.first, report.confidence).interval);
  if (report.rule.half_width && width > *report.rule.half_width) {
    return Format("the interval is still %.1f %% to either side\n", 100 * width);
  }
  if (!report.rule.sprt) return "";
  const SprtRates& rates = *report.rule.sprt;
  const std::string what = report.against() != nullptr ? "the first wins " : "success is ";
  const std::string of = report.against() != nullptr ? " of the scenes that tell" : "";
  switch (SprtDecisionOf(report)) {
    case stats::SprtDecision::kAtLeastP1:
      return "sequential test: " + what + Format("%g or more", rates.p1) + of +
             Format(", not %g or less\n", rates.p0);
    case stats::SprtDecision::kAtMostP0:
      return "sequential test: " + what + Format("%g or less", rates.p0) + of +
             Format(", not %g or more\n", rates.p1);
    case stats::SprtDecision::kUndecided:
      break;
  }
  return Format("sequential test: undecided between %g and %g\n", rates.p0, rates.p1);
}

}  // namespace

std::string Aligned(std::vector<Row> rows, size_t num_words) {
  std::vector<size_t> widths(rows[0].size());
  for (Row& row : rows) {
    for (std::string& cell : row) cell = Printable(cell);
  }
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const std::string padding(widths[i] - row[i].size(), ' ');
      text += i < num_words ? row[i] + padding : last ? row[i] : padding + row[i];
      if (!last) text += "  ";
    }
    text += '\n';
  }
  return text;
}

std::string ToText(const Report& report) {
  if (report.is_table()) return ComparisonTable(report) + RuleText(report);
  std::vector<Row> rows = {
      {"policy", "objects", "episodes", "success", IntervalHead(report), "steps", "ended by"}};
  rows.push_back(TextRow(report, report.first));
  if (report.against() != nullptr) rows.push_back(TextRow(report, *report.against()));
  std::string text = Aligned(rows, kWords);
  if (report.protocol == "bin") text += BinText(report);
  if (report.against() != nullptr) text += PairedText(report);
  return text + BehaviourText(report) + RuleText(report);
}

}  // namespace qt::eval
