// What qt-eval says: numbers out of outcomes, as JSON (formats/report/SPEC.md), as a table, and as
// one line per attempt. Also the gate of --require.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "eval/grasp.h"
#include "mdp/task.h"
#include "record/json.h"
#include "stats/interval.h"

namespace qt::eval {

// One policy under the protocol.
struct PolicyReport {
  std::string policy;  // as the user named it
  std::string name;    // as it names itself
  std::string digest;
  TaskConfig task;
  GraspResult result;
};

// --require: "0.9" asks that the lower end of the interval be at least 0.9; "better" that the
// policy succeed more often than the one it is compared with, McNemar's p-value being below 1 -
// confidence.
struct Requirement {
  bool better = false;
  double rate = 0;
};
Result<Requirement> ParseRequirement(const std::string& text);

struct Report {
  std::string protocol = "grasp";
  int attempts_per_bin = 1, bin_objects = 0;  // protocol bin
  std::string objects;
  std::string arm = "none";
  std::string disturb = "none";
  uint64_t seed = 0;
  double confidence = 0.95;
  int num_envs = 1;
  PolicyReport first;
  std::optional<PolicyReport> against;  // the same scenes, tried by another policy
  std::optional<Requirement> requirement;
};

// Of the first attempts at each bin (paper section 6.1 names the first 10, 20 and 30).
stats::Rate SuccessOfFirst(const Report& report, int attempts);
// Bins out of which everything was taken.
uint64_t NumEmptied(const Report& report);
stats::Rate SuccessOf(const PolicyReport& policy, double confidence);
// Pairs the attempts that both policies have done.
stats::PairedTable PairOutcomes(const GraspResult& first, const GraspResult& second);

// Ok, or kPartial with the reason. REQUIRES: report.requirement; report.against if `better`.
Status CheckRequirement(const Report& report);

// Everything that may differ between two runs of one command is under "timing".
Json ToJson(const Report& report);
std::string ToText(const Report& report);  // a table of one row a policy, and the comparison
// A line of --episodes, without the newline.
Json ToJson(const std::string& policy, const Outcome& outcome);

}  // namespace qt::eval
