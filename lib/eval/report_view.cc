// SPDX-License-Identifier: Apache-2.0
// The report for people and programs: eval/report.h.
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "eval/report.h"
#include "json/json.h"
#include "json/settings.h"

namespace qt::eval {
namespace {

Json EventsToJson(const GraspResult& result, double confidence) {
  Json json = Json::object();
  for (const EventCount& count : CountEvents(result, confidence)) {
    json[count.name] = ToJson(count.success);
    json[count.name]["count"] = count.events;
  }
  return json;
}

// Success of the attempts in which the disturbance happened.
stats::Rate SuccessOfDisturbed(const GraspResult& result, double confidence) {
  uint64_t disturbed = 0, successes = 0;
  for (const Outcome& outcome : result.outcomes) {
    disturbed += outcome.disturbed;
    successes += outcome.disturbed && outcome.success;
  }
  return stats::MakeRate(successes, disturbed, confidence);
}

stats::Series SeriesOf(const GraspResult& result, size_t metric) {
  stats::Series series;
  for (const Outcome& outcome : result.outcomes) {
    if (std::isfinite(outcome.values[metric])) series.Add(outcome.values[metric]);
  }
  return series;
}

// How many attempts each kind of judge has judged.
Counts JudgesOf(const GraspResult& result) {
  Counts counts;
  for (const JudgedBy judge : {JudgedBy::kTruth, JudgedBy::kLabel, JudgedBy::kNobody}) {
    const auto count = std::ranges::count(result.outcomes, judge, &Outcome::judged_by);
    const char* name = NamesOf(JudgedBy())[static_cast<size_t>(judge)];
    if (count > 0) counts.emplace_back(name, static_cast<uint64_t>(count));
  }
  return counts;
}

Json ErrorsToJson(const stats::JudgeErrors& errors) {
  return {{"false_successes", errors.false_successes},
          {"failures", errors.failures},
          {"false_failures", errors.false_failures},
          {"successes", errors.successes}};
}

Cell JsonOf(Json json) { return std::make_shared<const Json>(std::move(json)); }
Cell WordOf(const std::string& word) { return Word{word, word}; }
Cell WordOrNone(const std::string& word) { return word.empty() ? Cell() : WordOf(word); }

Cell SettingCell(const Report& report, const PolicyReport& row) {
  const bool is_reference = report.rows_are == RowsAre::kConditions && row.setting.empty();
  return is_reference ? Cell(Word{"", "nothing"}) : WordOrNone(row.setting);
}

Cell TrueSuccessCell(const Report& report, const PolicyReport& row) {
  const std::optional<stats::TrueRate> corrected = TrueSuccessOf(report, row);
  return corrected ? Cell(*corrected) : Cell();
}

// Empty: what happens on a robot is not ours to say.
std::string DisturbanceOf(const Report& report, const PolicyReport& row) {
  return report.config.cell.is_robot() ? "" : std::string(EnumName(row.scene.disturb));
}

Json UntilToJson(const Report& report) {
  const double half_width = report.config.question.until->value;
  const double got = WidthOf(IntervalOf(report, report.rows[0]));
  return {{"half_width", half_width}, {"reached", got <= half_width}, {"got", got}};
}

Json SprtToJson(const Report& report) {
  const auto [p0, p1] = *report.config.question.sprt;
  const Trials trials = SprtTrials(report);
  const stats::Sprt test = SprtOf(report.config.question);
  Json decision;
  switch (test.Decide(trials.successes, trials.total)) {
    case stats::SprtDecision::kAtMostP0:
      decision = "at_most_p0";
      break;
    case stats::SprtDecision::kAtLeastP1:
      decision = "at_least_p1";
      break;
    case stats::SprtDecision::kUndecided:
      break;
  }
  return {{"p0", p0},
          {"p1", p1},
          {"error", 1 - report.confidence()},
          {"trials", trials.total},
          {"count", trials.successes},
          {"log_ratio", test.LogRatio(trials.successes, trials.total)},
          {"decision", decision}};
}

Json TimingToJson(const Report& report) {
  double seconds = 0;
  uint64_t episodes = 0;
  for (const PolicyReport& row : report.rows) {
    seconds += row.result.seconds;
    episodes += row.result.outcomes.size();
  }
  return {{"seconds", seconds},
          {"episodes_per_s", seconds > 0 ? static_cast<double>(episodes) / seconds : 0.0},
          {"num_envs", report.config.collect.num_envs}};
}

std::string PairedText(const Report& report) {
  const Comparison c =
      Compare(report.rows[0].result, report.against()->result, report.confidence());
  if (c.table.total() == 0) return "";
  return "paired over " + std::to_string(c.table.total()) + " scenes: both " +
         std::to_string(c.table.both) + ", only the first " + std::to_string(c.table.only_first) +
         ", only the second " + std::to_string(c.table.only_second) + ", neither " +
         std::to_string(c.table.neither) + Format("; exact McNemar p = %.3g\n", c.p_value);
}

// What the policy did beyond a single close, if it did.
std::string EventsText(const Report& report) {
  std::string text;
  for (const EventCount& count : CountEvents(report.rows[0].result, report.confidence())) {
    if (count.events == 0) continue;
    text += std::string(text.empty() ? "" : ", ") + count.name + " in " +
            std::to_string(count.success.total) + " (" + std::to_string(count.success.successes) +
            " of them grasped)";
  }
  return text.empty() ? text : "episodes with " + text + "\n";
}

std::string RuleText(const Report& report) {
  const Question& question = report.config.question;
  const double width = WidthOf(IntervalOf(report, report.rows[0]));
  if (question.until && width > question.until->value) {
    return Format("the interval is still %.1f %% to either side\n", 100 * width);
  }
  if (!question.sprt) return "";
  const auto [p0, p1] = *question.sprt;
  const std::string what = report.against() != nullptr ? "the first wins " : "success is ";
  const std::string of = report.against() != nullptr ? " of the scenes that tell" : "";
  switch (SprtDecisionOf(report)) {
    case stats::SprtDecision::kAtLeastP1:
      return "sequential test: " + what + Format("%g or more", p1) + of +
             Format(", not %g or less\n", p0);
    case stats::SprtDecision::kAtMostP0:
      return "sequential test: " + what + Format("%g or less", p0) + of +
             Format(", not %g or more\n", p1);
    case stats::SprtDecision::kUndecided:
      break;
  }
  return Format("sequential test: undecided between %g and %g\n", p0, p1);
}

}  // namespace

Table TableOf(const Report& report) {
  const double confidence = report.confidence();
  const std::string interval = IntervalHead(confidence);
  const bool by_disturbance = report.rows_are == RowsAre::kDisturbances;
  const bool by_condition = report.rows_are == RowsAre::kConditions;
  const std::vector<Comparison> comparisons = CompareRows(report);
  Table table;
  table.rows.resize(report.rows.size());
  // A column, whose cells `cell` makes of the rows.
  const auto add = [&](const char* key, std::vector<std::string> heads, int shown,
                       const std::function<Cell(const PolicyReport&)>& cell) {
    table.columns.push_back({key, std::move(heads), static_cast<uint8_t>(shown)});
    for (size_t i = 0; i < report.rows.size(); ++i) table.rows[i].push_back(cell(report.rows[i]));
  };
  using Row = const PolicyReport&;

  add("policy", {"policy"}, by_disturbance || by_condition ? kInJson | kOnPage : kEverywhere,
      [](Row row) {
        return Word{row.policy, RowName(row)};
      });
  add("policy_name", {}, kInJson, [](Row row) { return WordOf(row.name); });
  add("digest", {}, kInJson, [](Row row) { return WordOf(row.digest); });
  add("objects", {"objects"}, kInJson | kInText,
      [](Row row) { return WordOrNone(row.scene.objects); });
  add("disturb", {"disturbed"}, by_disturbance ? kEverywhere : kInJson | kOnPage,
      [&](Row row) { return WordOrNone(DisturbanceOf(report, row)); });
  add("episodes", {"episodes"}, kEverywhere, [](Row row) { return row.result.outcomes.size(); });
  add("success", {"success", interval}, kEverywhere, [&](Row row) {
    return Success{SuccessOf(row.result, confidence), confidence};
  });
  if (report.label_errors) {
    add("true_success", {"true success", interval}, kEverywhere,
        [&](Row row) { return TrueSuccessCell(report, row); });
  }
  for (size_t m = 0; m < Metrics().size(); ++m) {
    if (Metrics()[m].summary != Summary::kMean) continue;
    add(Metrics()[m].key, {Metrics()[m].key}, kEverywhere,
        [m](Row row) { return SeriesOf(row.result, m); });
  }
  add("end_reasons", {"ended by"}, kInJson | kInText,
      [](Row row) { return EndReasonsOf(row.result); });
  add("behaviours", {}, kInJson,
      [&](Row row) { return JsonOf(EventsToJson(row.result, confidence)); });
  add("disturbed", {}, kInJson,
      [&](Row row) { return SuccessOfDisturbed(row.result, confidence); });
  add("discarded_bins", {}, kInJson, [](Row row) { return row.result.discarded_bins; });
  if (report.config.cell.is_robot()) {
    add("judged_by", {"judged by"}, kInJson | kInText,
        [](Row row) { return JudgesOf(row.result); });
    add("robot_failures", {}, kInJson, [](Row row) { return row.result.robot_failures; });
  }
  add("task", {}, kInJson, [](Row row) { return JsonOf(json::Write(row.scene.task)); });
  add("setting", {"changed"}, by_condition ? kInJson | kInText : kInJson,
      [&](Row row) { return SettingCell(report, row); });
  add("paired", {"change", interval, "p", "p (Holm)"}, report.is_table() ? kEverywhere : kOnPage,
      [&](Row row) {
        const size_t i = size_t(&row - report.rows.data());
        return i == 0 ? Cell() : Cell(comparisons[i - 1]);
      });
  return table;
}

Json ToJson(const Report& report) {
  const Question& question = report.config.question;
  const Table table = TableOf(report);
  Json json = {{"protocol", report.protocol}, {"seed", report.config.collect.seed}};
  if (report.config.cell.is_robot()) {
    json["robot"] = report.config.cell.robot.ToString();
    json["env"] = report.env;
  }
  if (report.label_errors) json["label_errors"] = ErrorsToJson(*report.label_errors);
  const sim::ArmKind arm = report.rows[0].scene.arm;
  if (arm != sim::ArmKind::kNone) json["arm"] = EnumName(arm);
  json.update(RowToJson(table, 0));
  if (question.until) json["until"] = UntilToJson(report);
  if (question.sprt) json["sprt"] = SprtToJson(report);
  if (const PolicyReport* against = report.against()) {
    json["against"] = RowToJson(table, 1);
    json["paired"] = ToJson(Compare(report.rows[0].result, against->result, report.confidence()));
  }
  if (report.is_table()) {
    json["rows"] = Json::array();
    for (size_t i = 1; i < report.rows.size(); ++i) json["rows"].push_back(RowToJson(table, i));
  }
  if (question.require) {
    json["require"] = {
        {"what", question.require->better ? Json("better") : Json(question.require->rate)},
        {"met", CheckRequirement(report).ok()}};
  }
  json["timing"] = TimingToJson(report);
  return json;
}

std::string ToText(const Report& report, const std::string& more) {
  Table table = TableOf(report);
  if (report.rows_are == RowsAre::kDisturbances) table.Move("disturb", "policy");
  if (report.rows_are == RowsAre::kConditions) table.Move("setting", "policy");
  if (report.is_table()) {
    table.Move("paired", "success");
    return ToText(table) + RuleText(report);
  }
  return ToText(table) + more + (report.against() != nullptr ? PairedText(report) : "") +
         EventsText(report) + RuleText(report);
}

Json ToJson(const PolicyReport& row, const Outcome& outcome) {
  Json json = {{"policy", row.policy},
               {"index", outcome.index},
               {"seed", outcome.seed},
               {"success", outcome.success},
               {"end_reason", ToString(outcome.end_reason)}};
  const auto put = [&](const char* key, double value) {
    if (std::isfinite(value)) json[key] = value;
  };
  for (size_t m = 0; m < Metrics().size(); ++m) {
    const double value = outcome.values[m];
    if (!std::isfinite(value)) continue;
    json[Metrics()[m].key] = Metrics()[m].is_count ? Json(uint64_t(value)) : Json(value);
  }
  if (!row.setting.empty()) json["setting"] = row.setting;
  put("q_first", outcome.first.q);
  put("return_first", outcome.first.value);
  put("q_last", outcome.last.q);
  put("return_last", outcome.last.value);
  if (row.scene.disturb != sim::Disturbance::kNone) {
    json["disturb"] = EnumName(row.scene.disturb);
    json["disturbed"] = outcome.disturbed;
  }
  if (outcome.judged_by != JudgedBy::kTruth) json["judged_by"] = EnumName(outcome.judged_by);
  return json;
}

}  // namespace qt::eval
