// SPDX-License-Identifier: Apache-2.0
#include "eval/offline.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/threads.h"
#include "json/json.h"

namespace qt::eval {
namespace {

using stats::OpcEstimate;

constexpr size_t kEpisodesAtOnce = 64;

// Q of each action, of what the policy would have seen then.
Status ScoreEpisode(Policy& policy, const TaskConfig& task, const Episode& episode,
                    std::vector<float>* q) {
  policy.StartEpisode(episode.seed);
  float fruitless = 0;
  for (size_t i = 0; i < episode.steps.size(); ++i) {
    Observation observation = episode.steps[i].observation;
    observation.step = static_cast<uint32_t>(i);
    observation.fruitless = fruitless;
    const Action& action = episode.steps[i].action;
    QT_ASSIGN(const float value, policy.ValueOf(observation, action));
    q->push_back(value);
    const bool is_last = i + 1 == episode.steps.size();
    const GripperState& after =
        is_last ? episode.final_gripper : episode.steps[i + 1].observation.gripper;
    fruitless = NextFruitless(fruitless, action, observation.gripper, after, task);
  }
  return Ok();
}

// The two that are compared with the measured success.
struct Score {
  const char* key;
  const char* head;
  stats::Estimate OpcEstimate::*estimate;
};
constexpr std::array kScores = {Score{"soft_opc", "SoftOPC", &OpcEstimate::soft_opc},
                                Score{"opc", "OPC", &OpcEstimate::opc}};

}  // namespace

OfflineScorer::OfflineScorer(EvaluationConfig asked, std::vector<double> measured,
                             std::vector<ScoredPolicy> policies)
    : asked_(std::move(asked)),
      measured_(std::move(measured)),
      policies_(std::move(policies)),
      scored_(policies_.size()) {
  QT_CHECK(!policies_.empty());
}

Status OfflineScorer::Add(Episode episode, bool success) {
  if (episode.steps.empty()) return Ok();
  waiting_.push_back({std::move(episode), success});
  return waiting_.size() < kEpisodesAtOnce ? Ok() : Flush();
}

Status OfflineScorer::Flush() {
  for (size_t p = 0; p < policies_.size(); ++p) QT_TRY(ScoreBy(p));
  waiting_.clear();
  return Ok();
}

Status OfflineScorer::ScoreBy(size_t policy) {
  std::vector<stats::ScoredEpisode> scored(waiting_.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    QT_ASSIGN(const std::unique_ptr<Policy> own, policies_[policy].factory());
    for (size_t i; (i = next++) < waiting_.size();) {
      scored[i].success = waiting_[i].success;
      QT_TRY(ScoreEpisode(*own, policies_[policy].task, waiting_[i].episode, &scored[i].q));
    }
    return Ok();
  };
  QT_TRY(RunInThreads(asked_.collect.num_envs, work, [&] { next = waiting_.size(); }));
  std::move(scored.begin(), scored.end(), std::back_inserter(scored_[policy]));
  return Ok();
}

OfflineScorer::Estimates OfflineScorer::MakeEstimates() const {
  Estimates estimates;
  for (const auto& episodes : scored_) {
    estimates.push_back(
        stats::EstimateOpc(episodes, kResamples, asked_.question.confidence, asked_.collect.seed));
  }
  return estimates;
}

OfflineScorer::Agreement OfflineScorer::AgreementOf(const Estimates& estimates,
                                                    stats::Estimate OpcEstimate::*score) const {
  std::vector<double> values;
  for (const OpcEstimate& estimate : estimates) values.push_back((estimate.*score).value);
  std::vector<double> correlations;
  for (size_t i = 0; i < (estimates[0].*score).draws.size(); ++i) {
    std::vector<double> drawn;
    for (const OpcEstimate& estimate : estimates) drawn.push_back((estimate.*score).draws[i]);
    correlations.push_back(stats::Spearman(measured_, drawn));
  }
  return {stats::Spearman(measured_, values), stats::RSquared(measured_, values),
          stats::PercentileInterval(std::move(correlations), asked_.question.confidence)};
}

Table OfflineScorer::TableOf(const Estimates& estimates) const {
  const bool is_measured = !measured_.empty();
  Table table{{{"policy", {"policy"}},
               {"policy_name", {}, kInJson},
               {"digest", {}, kInJson},
               {"", {"episodes"}, kForPeople},
               {"soft_opc", {"SoftOPC"}},
               {"opc", {"OPC"}},
               {"measured", {"measured"}, is_measured ? kEverywhere : kInJson}},
              {}};
  for (size_t p = 0; p < policies_.size(); ++p) {
    const auto& [spec, name, digest, task, factory] = policies_[p];
    table.rows.push_back({Word{spec, spec}, Word{name, name}, Word{digest, digest},
                          uint64_t{scored_[p].size()}, Estimated{estimates[p].soft_opc, {}},
                          Estimated{estimates[p].opc, estimates[p].threshold},
                          is_measured ? Cell(Share{measured_[p]}) : Cell()});
  }
  return table;
}

Json OfflineScorer::ToJson() const {
  if (scored_[0].empty()) return Json::object();
  uint64_t successes = 0, steps = 0;
  for (const stats::ScoredEpisode& episode : scored_[0]) {
    successes += episode.success;
    steps += episode.q.size();
  }
  const Estimates estimates = MakeEstimates();
  const Table table = TableOf(estimates);
  Json rows = Json::array();
  for (size_t p = 0; p < policies_.size(); ++p) rows.push_back(RowToJson(table, p));
  Json json = {{"protocol", "offline"},  {"seed", asked_.collect.seed},
               {"steps", steps},         {"episodes", scored_[0].size()},
               {"successes", successes}, {"confidence", asked_.question.confidence},
               {"rows", std::move(rows)}};
  if (measured_.empty()) return json;
  for (const auto& [key, head, score] : kScores) {
    const Agreement a = AgreementOf(estimates, score);
    json["agreement"][key] = {{"spearman", a.spearman},
                              {"interval", eval::ToJson(a.interval)},
                              {"r_squared", a.r_squared}};
  }
  return json;
}

std::string OfflineScorer::ToText() const {
  if (scored_[0].empty()) return "";
  const Estimates estimates = MakeEstimates();
  std::string text = eval::ToText(TableOf(estimates));
  if (measured_.empty()) return text;
  for (const auto& [key, head, score] : kScores) {
    const Agreement a = AgreementOf(estimates, score);
    text += Format("%s: rank correlation with the measured success %.2f (%.2f to %.2f), R2 %.2f\n",
                   head, a.spearman, a.interval.low, a.interval.high, a.r_squared);
  }
  return text;
}

}  // namespace qt::eval
