// SPDX-License-Identifier: Apache-2.0
// What attempts have shown: numbers out of outcomes and whether a requirement is met (report.cc);
// the table of the rows, and the report as JSON and text (report_view.cc, formats/report/SPEC.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "eval/evaluation.h"
#include "eval/grasp.h"
#include "eval/table.h"
#include "json/json_fwd.h"
#include "sim/scene_config.h"
#include "stats/interval.h"
#include "stats/judged_rate.h"

namespace qt::eval {

// A policy under a setup: a row of the evaluation.
struct PolicyReport {
  std::string policy;  // as the user named it
  std::string name;    // as it names itself
  std::string digest;
  sim::SceneConfig scene;  // with the policy's own task
  std::string setting;     // of --vary: "--disturb knock --cem 64/6/4", or empty
  GraspResult result;
};
// "policy.safetensors --disturb knock"
std::string RowName(const PolicyReport& row);

// What tells the rows apart, each of which is then compared with the first. kNone: there is one
// policy, or two of which the first is compared with the other.
enum class RowsAre : uint8_t { kNone, kPolicies, kDisturbances, kConditions };

struct Report {
  std::string protocol = "grasp";
  RowsAre rows_are = RowsAre::kNone;
  EvaluationConfig config;
  std::vector<PolicyReport> rows;  // tried in the same scenes; at least one
  // Of a robot behind a driver:
  std::string env;                                 // as the driver names it
  std::optional<stats::JudgeErrors> label_errors;  // of the labels that judged, if known

  bool is_table() const { return rows_are != RowsAre::kNone; }
  const PolicyReport* against() const { return is_table() || rows.size() < 2 ? nullptr : &rows[1]; }
  double confidence() const { return config.question.confidence; }
};

uint64_t NumSuccesses(const GraspResult& result);
stats::Rate SuccessOf(const GraspResult& result, double confidence);
// The success behind the labels' errors, if these are known and labels judged all attempts.
std::optional<stats::TrueRate> TrueSuccessOf(const Report& report, const PolicyReport& row);
// What can be claimed of a row: the interval of its true success, or else of its success.
stats::Interval IntervalOf(const Report& report, const PolicyReport& row);
// Pairs the attempts that both have done.
Comparison Compare(const GraspResult& first, const GraspResult& second, double confidence);
// Compares each further row with the first.
std::vector<Comparison> CompareRows(const Report& report);

// A metric of events (eval/metrics.h), with the success of the attempts that show it.
struct EventCount {
  const char* name;     // "regrasps", "slips", "pushes"
  uint64_t events = 0;  // in all attempts together
  stats::Rate success;  // of the attempts with at least one
};
std::vector<EventCount> CountEvents(const GraspResult& result, double confidence);
// How often each reason occurred that did.
Counts EndReasonsOf(const GraspResult& result);

// Where --sprt stands. REQUIRES: report.config.question.sprt.
Trials SprtTrials(const Report& report);
stats::SprtDecision SprtDecisionOf(const Report& report);

// Ok, or kPartial with the reason. Of a table, each row has to reach the rate. REQUIRES: something
// is required; report.against() if that is `better`.
Status CheckRequirement(const Report& report);

// A row for each of the report, a column for each number: the one place that says what is told of
// a row.
Table TableOf(const Report& report);

Json ToJson(const Report& report);
// The table, `more` about it, and the comparison.
std::string ToText(const Report& report, const std::string& more = "");
// A line of --episodes, without the newline.
Json ToJson(const PolicyReport& row, const Outcome& outcome);

}  // namespace qt::eval
