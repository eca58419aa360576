// What qt-eval says: numbers out of outcomes (report.cc), as JSON (formats/report/SPEC.md) and as
// one line per attempt (report_json.cc), as a table (report_text.cc). Also the gate of --require.
#pragma once

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "eval/grasp.h"
#include "eval/stopping.h"
#include "json/json_fwd.h"
#include "mdp/task.h"
#include "stats/interval.h"

namespace qt::eval {

// One policy under the protocol: an arm of the evaluation.
struct PolicyReport {
  std::string policy;  // as the user named it
  std::string name;    // as it names itself
  std::string digest;
  TaskConfig task;
  std::string objects;
  std::string disturb = "none";
  std::string setting;  // of --vary: "--disturb knock --cem 64/6/4", or empty
  GraspResult result;
};
// "policy.safetensors --disturb knock": the row of a table.
std::string NameOf(const PolicyReport& policy);

// --require: "0.9" asks that the lower end of the interval be at least 0.9; "better" that the
// policy succeed more often than the one it is compared with, McNemar's p-value being below 1 -
// confidence.
struct Requirement {
  bool better = false;
  double rate = 0;
};
Result<Requirement> ParseRequirement(const std::string& text);

struct Report {
  std::string protocol = "grasp";             // or bin, disturb, ablate
  int attempts_per_bin = 1, bin_objects = 0;  // protocol bin
  std::string arm = "none";
  uint64_t seed = 0;
  double confidence = 0.95;
  int num_envs = 1;
  StoppingRule rule;
  PolicyReport first;
  // The same scenes: tried by the policy of --against, or the other rows of disturb and ablate.
  std::vector<PolicyReport> others;
  std::optional<Requirement> requirement;

  bool is_table() const { return protocol == "disturb" || protocol == "ablate"; }
  const PolicyReport* against() const {
    return is_table() || others.empty() ? nullptr : &others[0];
  }
};

// Success of the first attempts at each bin (paper section 6.1: the first 10, 20 and 30).
stats::Rate SuccessOfFirst(const Report& report, int attempts);
// Bins out of which everything was taken.
uint64_t NumEmptied(const Report& report);
uint64_t NumSuccesses(const GraspResult& result);
stats::Rate SuccessOf(const PolicyReport& policy, double confidence);
// Pairs the attempts that both policies have done.
stats::PairedTable PairOutcomes(const GraspResult& first, const GraspResult& second);

// Each of `others` against `first`: McNemar's p-values, and Holm's for all of them together.
struct Comparison {
  stats::PairedTable table;  // first: the row; second: the reference
  stats::PairedChange change;
  double p_value = 1, p_holm = 1;
};
std::vector<Comparison> CompareRows(const Report& report);

// One of the paper's behaviours, with the success of the episodes that show it.
struct BehaviourCount {
  const char* name;     // "regrasps", "slips", "pushes"
  uint64_t events = 0;  // in all episodes together
  stats::Rate success;  // of the episodes with at least one
};
std::vector<BehaviourCount> CountBehaviours(const GraspResult& result, double confidence);

// Success of the attempts in which the disturbance happened.
stats::Rate SuccessOfDisturbed(const GraspResult& result, double confidence);

// Where --sprt stands. REQUIRES: report.rule.sprt.
Trials SprtTrials(const Report& report);
stats::SprtDecision SprtDecisionOf(const Report& report);

// Whether the requirement can be shown at all by what is measured; a usage error if not.
Status CheckRequirementFits(const Requirement& requirement, const StoppingRule& rule);
// Ok, or kPartial with the reason. Of disturb and ablate, each row has to reach the rate. REQUIRES:
// report.requirement; report.against() if `better`.
Status CheckRequirement(const Report& report);

// Everything that may differ between two runs of one command is under "timing".
Json ToJson(const Report& report);
std::string ToText(const Report& report);  // a table of one row a policy, and the comparison
// A line of --episodes, without the newline.
Json ToJson(const PolicyReport& policy, const Outcome& outcome);

// A table with two blanks between columns; the first `num_words` and the last start left.
std::string Aligned(std::vector<std::vector<std::string>> rows, size_t num_words);

// "12.5 %"; what snprintf makes of it, cut at 255 characters.
std::string Percent(double rate);
std::string Percent(const stats::Interval& interval);  // "12.3 % to 45.6 %"
template <typename... Values>
std::string Format(const char* format, Values... values) {
  std::array<char, 256> text;
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

// The reasons that occurred, with their counts.
std::vector<std::pair<const char*, uint64_t>> EndReasonsOf(const GraspResult& result);
stats::Series StepsOf(const GraspResult& result);
// How many first attempts at a bin are told of: the paper's columns that this run has, and all.
std::vector<int> FirstAttempts(const Report& report);

}  // namespace qt::eval
