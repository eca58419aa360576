#include "eval/offline.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/threads.h"
#include "eval/report.h"
#include "json/json.h"

namespace qt::eval {
namespace {

using stats::Estimate;
using stats::OpcEstimate;

constexpr size_t kEpisodesAtOnce = 64, kFewestMeasured = 3;

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

// How one score of the policies goes with their measured success. The interval is over the
// resamples of the log; the policies and their success stay as they are.
struct Agreement {
  double spearman = 0, r_squared = 0;
  stats::Interval interval;
};

Agreement AgreementOf(const OfflineConfig& config, const std::vector<OpcEstimate>& estimates,
                      Estimate OpcEstimate::*score) {
  std::vector<double> values;
  for (const OpcEstimate& estimate : estimates) values.push_back((estimate.*score).value);
  std::vector<double> correlations;
  for (size_t i = 0; i < (estimates[0].*score).draws.size(); ++i) {
    std::vector<double> drawn;
    for (const OpcEstimate& estimate : estimates) drawn.push_back((estimate.*score).draws[i]);
    correlations.push_back(stats::Spearman(config.measured, drawn));
  }
  return {stats::Spearman(config.measured, values), stats::RSquared(config.measured, values),
          stats::PercentileInterval(std::move(correlations), config.confidence)};
}

Json IntervalToJson(const stats::Interval& interval) {
  return Json::array({interval.low, interval.high});
}

Json EstimateToJson(const Estimate& estimate) {
  return {{"value", estimate.value}, {"interval", IntervalToJson(estimate.interval)}};
}

Json AgreementToJson(const Agreement& agreement) {
  return {{"spearman", agreement.spearman},
          {"interval", IntervalToJson(agreement.interval)},
          {"r_squared", agreement.r_squared}};
}

std::string EstimateText(const Estimate& estimate) {
  return Format("%.4f (%.4f to %.4f)", estimate.value, estimate.interval.low,
                estimate.interval.high);
}

std::string EstimateText(const char* score, const Agreement& agreement) {
  return Format("%s: rank correlation with the measured success %.2f (%.2f to %.2f), R2 %.2f\n",
                score, agreement.spearman, agreement.interval.low, agreement.interval.high,
                agreement.r_squared);
}

}  // namespace

OfflineScorer::OfflineScorer(OfflineConfig config, std::vector<OfflinePolicy> policies)
    : config_(std::move(config)), policies_(std::move(policies)), scored_(policies_.size()) {
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
  QT_TRY(RunInThreads(config_.num_threads, work, [&] { next = waiting_.size(); }));
  std::move(scored.begin(), scored.end(), std::back_inserter(scored_[policy]));
  return Ok();
}

std::vector<OpcEstimate> OfflineScorer::Estimates() const {
  std::vector<OpcEstimate> estimates;
  for (const auto& episodes : scored_) {
    estimates.push_back(stats::EstimateOpc(episodes, kResamples, config_.confidence, config_.seed));
  }
  return estimates;
}

Json OfflineScorer::ToJson() const {
  const std::vector<OpcEstimate> estimates = Estimates();
  uint64_t successes = 0, steps = 0;
  for (const stats::ScoredEpisode& episode : scored_[0]) {
    successes += episode.success;
    steps += episode.q.size();
  }
  Json rows = Json::array();
  for (size_t p = 0; p < policies_.size(); ++p) {
    Json row = {{"policy", policies_[p].spec},
                {"policy_name", policies_[p].name},
                {"digest", policies_[p].digest},
                {"soft_opc", EstimateToJson(estimates[p].soft_opc)},
                {"opc", EstimateToJson(estimates[p].opc)}};
    row["opc"]["threshold"] = estimates[p].threshold;
    if (!config_.measured.empty()) row["measured"] = config_.measured[p];
    rows.push_back(std::move(row));
  }
  Json json = {{"protocol", "offline"},  {"seed", config_.seed},
               {"steps", steps},         {"episodes", scored_[0].size()},
               {"successes", successes}, {"confidence", config_.confidence},
               {"rows", std::move(rows)}};
  if (config_.measured.empty()) return json;
  json["agreement"] = {
      {"soft_opc", AgreementToJson(AgreementOf(config_, estimates, &OpcEstimate::soft_opc))},
      {"opc", AgreementToJson(AgreementOf(config_, estimates, &OpcEstimate::opc))}};
  return json;
}

std::string OfflineScorer::ToText() const {
  const std::vector<OpcEstimate> estimates = Estimates();
  std::vector<std::vector<std::string>> rows = {{"policy", "episodes", "SoftOPC", "OPC"}};
  if (!config_.measured.empty()) rows[0].emplace_back("measured");
  for (size_t p = 0; p < policies_.size(); ++p) {
    rows.push_back({policies_[p].spec, std::to_string(scored_[p].size()),
                    EstimateText(estimates[p].soft_opc), EstimateText(estimates[p].opc)});
    if (!config_.measured.empty()) rows.back().push_back(Percent(config_.measured[p]));
  }
  const std::string text = Aligned(rows, 1);
  if (config_.measured.empty()) return text;
  return text + EstimateText("SoftOPC", AgreementOf(config_, estimates, &OpcEstimate::soft_opc)) +
         EstimateText("OPC", AgreementOf(config_, estimates, &OpcEstimate::opc));
}

Result<std::vector<double>> ParseMeasured(const std::string& text, size_t count) {
  std::vector<double> rates;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    const std::string number = text.substr(start, end - start);
    char* rest = nullptr;
    const double rate = std::strtod(number.c_str(), &rest);
    if (number.empty() || *rest != 0 || !(rate >= 0 && rate <= 1)) {
      return Usage("--measured wants rates from 0 to 1, joined by commas, not '" + text + "'");
    }
    rates.push_back(rate);
    start = end + 1;
  }
  if (rates.size() == count && count >= kFewestMeasured) return rates;
  return Usage("--measured wants a rate for each POLICY, and three or more of them");
}

}  // namespace qt::eval
