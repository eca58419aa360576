// The reports as JSON: eval/report.h.
#include <cmath>
#include <utility>

#include "eval/report.h"
#include "json/mdp_json.h"

namespace qt::eval {
namespace {

Json ToJson(const stats::Interval& interval) { return Json::array({interval.low, interval.high}); }

// Success of a part of the episodes.
Json PartToJson(const stats::Rate& rate) {
  return {{"episodes", rate.total},
          {"successes", rate.successes},
          {"rate", rate.total > 0 ? Json(rate.rate) : Json(nullptr)},
          {"interval", ToJson(rate.interval)}};
}

Json BehavioursToJson(const GraspResult& result, double confidence) {
  Json json = Json::object();
  for (const BehaviourCount& count : CountBehaviours(result, confidence)) {
    json[count.name] = PartToJson(count.success);
    json[count.name]["count"] = count.events;
  }
  return json;
}

Json PolicyToJson(const PolicyReport& policy, double confidence) {
  const stats::Rate success = SuccessOf(policy, confidence);
  const stats::Series steps = StepsOf(policy.result);
  Json end_reasons = Json::object();
  for (const auto& [reason, count] : EndReasonsOf(policy.result)) end_reasons[reason] = count;
  const Json rate = success.total > 0 ? Json(success.rate) : Json(nullptr);
  return {{"policy", policy.policy},
          {"policy_name", policy.name},
          {"digest", policy.digest},
          {"objects", policy.objects},
          {"disturb", policy.disturb},
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
          {"behaviours", BehavioursToJson(policy.result, confidence)},
          {"disturbed", PartToJson(SuccessOfDisturbed(policy.result, confidence))},
          {"discarded_bins", policy.result.discarded_bins},
          {"task", json::ToJson(policy.task)}};
}

Json PairedToJson(const stats::PairedTable& table, double confidence) {
  const stats::PairedChange change = stats::ChangeOf(table, confidence);
  return {{"episodes", table.total()},
          {"both", table.both},
          {"only_first", table.only_first},
          {"only_second", table.only_second},
          {"neither", table.neither},
          {"difference", change.difference},
          {"difference_interval", ToJson(change.interval)},
          {"p_value", stats::McNemarExact(table)}};
}

Json RowsToJson(const Report& report) {
  const std::vector<Comparison> comparisons = CompareRows(report);
  Json rows = Json::array();
  for (size_t i = 0; i < comparisons.size(); ++i) {
    Json row = PolicyToJson(report.others[i], report.confidence);
    if (!report.others[i].setting.empty()) row["setting"] = report.others[i].setting;
    row["paired"] = PairedToJson(comparisons[i].table, report.confidence);
    row["paired"]["p_holm"] = comparisons[i].p_holm;
    rows.push_back(std::move(row));
  }
  return rows;
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

Json UntilToJson(const Report& report) {
  const double width = HalfWidth(SuccessOf(report.first, report.confidence).interval);
  return {{"half_width", *report.rule.half_width},
          {"reached", width <= *report.rule.half_width},
          {"got", width}};
}

Json SprtToJson(const Report& report) {
  const SprtRates& rates = *report.rule.sprt;
  const Trials trials = SprtTrials(report);
  const stats::Sprt test(rates.p0, rates.p1, 1 - report.rule.confidence);
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
  return {{"p0", rates.p0},
          {"p1", rates.p1},
          {"error", 1 - report.rule.confidence},
          {"trials", trials.total},
          {"count", trials.successes},
          {"log_ratio", test.LogRatio(trials.successes, trials.total)},
          {"decision", decision}};
}

Json TimingToJson(const Report& report) {
  double seconds = report.first.result.seconds;
  uint64_t episodes = report.first.result.outcomes.size();
  for (const PolicyReport& other : report.others) {
    seconds += other.result.seconds;
    episodes += other.result.outcomes.size();
  }
  return {{"seconds", seconds},
          {"episodes_per_s", seconds > 0 ? static_cast<double>(episodes) / seconds : 0.0},
          {"num_envs", report.num_envs}};
}

}  // namespace

Json ToJson(const Report& report) {
  Json json = {{"protocol", report.protocol}, {"seed", report.seed}};
  if (report.arm != "none") json["arm"] = report.arm;
  json.update(PolicyToJson(report.first, report.confidence));
  if (!report.first.setting.empty()) json["setting"] = report.first.setting;
  if (report.protocol == "bin") json["bin"] = BinToJson(report);
  if (report.rule.half_width) json["until"] = UntilToJson(report);
  if (report.rule.sprt) json["sprt"] = SprtToJson(report);
  if (const PolicyReport* against = report.against()) {
    json["against"] = PolicyToJson(*against, report.confidence);
    json["paired"] =
        PairedToJson(PairOutcomes(report.first.result, against->result), report.confidence);
  }
  if (report.is_table()) json["rows"] = RowsToJson(report);
  if (report.requirement) {
    const Requirement& requirement = *report.requirement;
    json["require"] = {{"what", requirement.better ? Json("better") : Json(requirement.rate)},
                       {"met", CheckRequirement(report).ok()}};
  }
  json["timing"] = TimingToJson(report);
  return json;
}

Json ToJson(const PolicyReport& policy, const Outcome& outcome) {
  Json json = {{"policy", policy.policy}, {"index", outcome.index},
               {"seed", outcome.seed},    {"success", outcome.success},
               {"steps", outcome.steps},  {"end_reason", ToString(outcome.end_reason)}};
  const auto put = [&](const char* key, double value) {
    if (std::isfinite(value)) json[key] = value;
  };
  json["regrasps"] = outcome.behaviour.regrasps;
  json["slips"] = outcome.behaviour.slips;
  json["pushes"] = outcome.behaviour.pushes;
  if (outcome.truth.num_objects > 0) json["objects"] = outcome.truth.num_objects;
  if (outcome.truth.tried_size_m > 0) json["tried_size_m"] = outcome.truth.tried_size_m;
  if (outcome.truth.held_size_m > 0) json["held_size_m"] = outcome.truth.held_size_m;
  if (!policy.setting.empty()) json["setting"] = policy.setting;
  put("q_first", outcome.first.q);
  put("return_first", outcome.first.value);
  put("q_last", outcome.last.q);
  put("return_last", outcome.last.value);
  if (policy.disturb != "none") {
    json["disturb"] = policy.disturb;
    json["disturbed"] = outcome.truth.disturbed;
  }
  return json;
}

}  // namespace qt::eval
