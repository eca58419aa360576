// SPDX-License-Identifier: Apache-2.0
// The protocol `offline`: nothing runs; the log is read once, and every policy is asked as it goes.
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/log.h"
#include "episodes/episode_source.h"
#include "eval/offline.h"
#include "eval/opened_policy.h"
#include "eval/protocol.h"
#include "json/json.h"

namespace qt::eval {
// "0.62,0.7,0.81"
struct Rates {
  std::vector<double> values;

  static Result<Rates> Parse(std::string_view text);
  std::string ToString() const {
    std::string text;
    for (const double value : values) text += (text.empty() ? "" : ",") + NumberText(value);
    return text;
  }
};

Result<Rates> Rates::Parse(std::string_view text) {
  Rates rates;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    const std::string number(text.substr(start, end - start));
    char* rest = nullptr;
    const double rate = std::strtod(number.c_str(), &rest);
    if (number.empty() || *rest != 0 || !(rate >= 0 && rate <= 1)) {
      return Usage("wants rates from 0 to 1, joined by commas, not '" + std::string(text) + "'");
    }
    rates.values.push_back(rate);
    start = end + 1;
  }
  return rates;
}

struct OfflineConfig {
  std::vector<std::string> logged;
  std::string label;
  std::optional<Rates> measured;
};
template <class V>
void Visit(V&& visit, OfflineConfig& c) {
  visit("logged", c.logged, {"FILE|DIR", "the labelled episodes"});
  visit("label", c.label, {"SOURCE", "which label counts, as sim or human; the newest if missing"});
  visit("measured", c.measured,
        {"RATE,RATE,...", "success of each POLICY when it ran, for the rank correlation"});
}

namespace {

constexpr size_t kFewestMeasured = 3;

class OfflineEvaluation : public Evaluation {
 public:
  OfflineEvaluation(const EvaluationConfig& asked, const OfflineConfig& log)
      : asked_(asked), log_(log) {}

  std::string run_id() const override { return ""; }
  uint64_t total() const override { return asked_.collect.num_episodes; }
  std::string Plan() const override {
    return "would ask " + std::to_string(asked_.policies.size()) + " policies";
  }

  Status Run(const Surroundings& surroundings) override {
    QT_TRY(StartPolicies());
    const Status status = ScoreLog(surroundings);
    if (!status.ok() && status.code() != Code::kPartial) return status;
    if (scorer_->num_episodes() == 0) return Failed("there is no labelled episode in the log");
    return status;
  }

  Json ToJson() const override {
    if (!scorer_) return Json::object();
    Json json = scorer_->ToJson();
    json["unlabelled"] = unlabelled_;
    return json;
  }
  std::string ToText() const override { return scorer_ ? scorer_->ToText() : ""; }

 private:
  Status StartPolicies() {
    std::vector<ScoredPolicy> policies;
    for (const std::string& spec : asked_.policies) {
      QT_ASSIGN(OpenedPolicy opened, OpenedPolicy::Open(spec));
      opened_.push_back(std::move(opened));
      const OpenedPolicy& policy = opened_.back();
      policies.push_back({spec, policy.name(), policy.digest(), policy.task(), policy.factory()});
    }
    scorer_.emplace(asked_, log_.measured.value_or(Rates()).values, std::move(policies));
    return Ok();
  }

  // At most --num-episodes labelled episodes, if that is given. Damage is told, and costs status 3.
  Status ScoreLog(const Surroundings& surroundings) {
    const uint64_t most = asked_.collect.num_episodes;
    episodes::EpisodeStream stream(log_.logged);
    while (most == 0 || scorer_->num_episodes() < most) {
      if (surroundings.stop) return Status(Code::kInterrupted, "interrupted");
      QT_ASSIGN(std::optional<episodes::StoredEpisode> stored, stream.Next());
      if (!stored) break;
      const Label* label = ChooseLabel(stored->episode, log_.label);
      unlabelled_ += label == nullptr;
      if (label == nullptr) continue;
      const bool success = label->success;
      QT_TRY(scorer_->Add(std::move(stored->episode), success));
      surroundings.progress(scorer_->num_episodes(), "");
    }
    QT_TRY(scorer_->Flush());
    for (const episodes::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
    if (stream.damage().empty()) return Ok();
    return Partial(std::to_string(stream.damage().size()) +
                   " damaged part(s) of the log were skipped");
  }

  const EvaluationConfig asked_;
  const OfflineConfig log_;
  std::vector<OpenedPolicy> opened_;
  std::optional<OfflineScorer> scorer_;
  uint64_t unlabelled_ = 0;
};

class OfflineProtocol : public Protocol {
 public:
  std::string name() const override { return "offline"; }
  const char* help() const override {
    return "nothing runs, Q of each policy is judged by logged episodes";
  }
  std::vector<Field> fields() override { return FieldsOf(config_); }
  const char* elsewhere() const override {
    return "--logged, --measured and --label are for --protocol offline";
  }
  std::vector<Refusal> refusals() const override {
    std::vector<Refusal> refusals = {
        {"against", "--against compares single attempts; it does not go with --protocol offline"}};
    for (const std::string setting : {"cem", "until", "sprt", "require", "episodes", "record",
                                      "report", "sheet", "video", "robot"}) {
      refusals.push_back(
          {setting, "--" + setting + " is about attempts, which --protocol offline does not make"});
    }
    return refusals;
  }

  Status Check(const EvaluationConfig& config) const override {
    if (config.policies.empty()) return Usage("give a POLICY whose Q is to be judged");
    if (config_.logged.empty()) {
      return Usage("--protocol offline reads labelled episodes: name them with --logged");
    }
    const size_t num_policies = config.policies.size();
    if (!config_.measured ||
        (config_.measured->values.size() == num_policies && num_policies >= kFewestMeasured)) {
      return Ok();
    }
    return Usage("--measured wants a rate for each POLICY, and three or more of them");
  }
  Result<std::unique_ptr<Evaluation>> Open(const EvaluationConfig& config) const override {
    return std::unique_ptr<Evaluation>(std::make_unique<OfflineEvaluation>(config, config_));
  }

 private:
  OfflineConfig config_;
};

}  // namespace

std::unique_ptr<Protocol> NewOfflineProtocol() { return std::make_unique<OfflineProtocol>(); }

}  // namespace qt::eval
