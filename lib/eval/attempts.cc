// SPDX-License-Identifier: Apache-2.0
#include "eval/attempts.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "eval/opened_policy.h"
#include "json/json.h"
#include "policy/make_policy.h"
#include "sim/sim_robot.h"

namespace qt::eval {
namespace {

constexpr uint64_t kDefaultAttempts = 100, kMostAttempts = 1'000'000;
// Between two looks at a paired sequential test: policies take turns of as many attempts.
constexpr uint64_t kPairsPerLook = 20;

// Reads each folder once.
Status ReadObjects(std::vector<NamedSetup>& setups) {
  std::map<std::tuple<std::string, double, bool>, std::shared_ptr<const sim::ObjectLibrary>> read;
  for (NamedSetup& named : setups) {
    sim::SceneConfig& scene = named.setup.scene;
    const auto key = std::tuple(scene.objects, scene.object_scale, scene.fit_objects);
    if (read.contains(key)) {
      scene.library = read[key];
    } else {
      QT_TRY(sim::OpenObjects(scene));
      read[key] = scene.library;
    }
  }
  return Ok();
}

class AttemptEvaluation : public Evaluation {
 public:
  AttemptEvaluation(const AttemptProtocol& protocol, const EvaluationConfig& config,
                    const std::vector<NamedSetup>& setups)
      : protocol_(protocol), attempts_(protocol.Attempts(config)) {
    report_.protocol = protocol.name();
    report_.rows_are = protocol.rows_are();
    report_.config = config;
    std::vector<std::string> specs = config.policies;
    if (!config.against.empty()) specs.push_back(config.against);
    for (const std::string& spec : specs) {
      for (const NamedSetup& named : setups) {
        report_.rows.push_back({spec, "", "", named.setup.scene, named.name, {}});
        report_.rows.back().scene.shadows = named.setup.shadows ? When::kOn : When::kOff;
        searches_.push_back(named.setup.cem);
      }
    }
  }

  std::string run_id() const override { return RunIdOf(report_.rows[0]); }
  uint64_t total() const override {
    return question().is_open_ended() ? 0 : attempts_.collect.num_episodes * report_.rows.size();
  }
  std::string Plan() const override {
    std::string names;
    for (const std::string& policy : report_.config.policies) {
      names += (names.empty() ? "" : ", ") + policy;
    }
    return "would try " + names + " in " + (question().is_open_ended() ? "up to " : "") +
           std::to_string(attempts_.collect.num_episodes) + " scenes";
  }

  Status Run(const Surroundings& surroundings) override {
    QT_TRY(StartPolicies());
    Status status = RunRows(surroundings);
    // Half an evaluation answers no question.
    if (!status.ok()) report_.config.question.require.reset();
    return status;
  }

  Json ToJson() const override {
    Json json = eval::ToJson(report_);
    protocol_.AddTo(report_, &json);
    return json;
  }
  std::string ToText() const override { return eval::ToText(report_, protocol_.MoreText(report_)); }
  const Report* report() const override { return &report_; }
  Status Verdict() const override { return question().require ? CheckRequirement(report_) : Ok(); }

 private:
  const Question& question() const { return report_.config.question; }

  std::string RunIdOf(const PolicyReport& row) const {
    const EvaluationConfig& config = report_.config;
    return rollout::MakeRunId(config.collect.seed,
                              "qt-eval " + row.policy + " " + config.setup.scene.objects + " " +
                                  report_.protocol + " " +
                                  std::to_string(attempts_.collect.num_episodes));
  }

  // Starts each policy once for each search.
  Status StartPolicies() {
    for (size_t i = 0; i < report_.rows.size(); ++i) {
      PolicyReport& row = report_.rows[i];
      const std::string search = searches_[i] ? searches_[i]->ToString() : "";
      std::unique_ptr<OpenedPolicy>& policy = opened_[{row.policy, search}];
      if (policy == nullptr) {
        QT_ASSIGN(OpenedPolicy opened, OpenedPolicy::Open(row.policy, searches_[i]));
        policy = std::make_unique<OpenedPolicy>(std::move(opened));
      }
      policies_.push_back(policy.get());
      row.name = policy->name();
      row.digest = policy->digest();
      row.scene.task = policy->task();
      row.scene.image_size = policy->image_size();
    }
    return Ok();
  }

  // A rule stops the first row, and the others try as many scenes; but a sequential test of two
  // policies compares them as they go.
  Status RunRows(const Surroundings& surroundings) {
    const uint64_t end = attempts_.collect.num_episodes;
    if (question().sprt && report_.against() != nullptr) return RunInTurns(surroundings);
    QT_TRY(RunRow(surroundings, 0, 0, end, [this](const GraspResult& result) {
      return IsEnough(question(), NumSuccesses(result), result.outcomes.size());
    }));
    const uint64_t num_scenes =
        question().is_open_ended() ? report_.rows[0].result.outcomes.size() : end;
    for (size_t i = 1; i < report_.rows.size(); ++i) {
      QT_TRY(RunRow(surroundings, i, 0, num_scenes, {}));
    }
    return Ok();
  }

  Status RunInTurns(const Surroundings& surroundings) {
    const uint64_t end = attempts_.collect.num_episodes;
    for (uint64_t start = 0; start < end; start += kPairsPerLook) {
      const uint64_t count = std::min(kPairsPerLook, end - start);
      QT_TRY(RunRow(surroundings, 0, start, count, {}));
      QT_TRY(RunRow(surroundings, 1, start, count, {}));
      if (SprtDecisionOf(report_) != stats::SprtDecision::kUndecided) break;
    }
    return Ok();
  }

  Status RunRow(const Surroundings& surroundings, size_t index, uint64_t first_episode,
                uint64_t num_episodes, const StopTest& enough) {
    PolicyReport& row = report_.rows[index];
    GraspConfig attempts = attempts_;
    attempts.collect.task = row.scene.task;
    attempts.collect.run_id = RunIdOf(row);
    attempts.collect.first_episode = first_episode;
    attempts.collect.num_episodes = num_episodes;
    const auto sink = [&](const Outcome& outcome, const Episode& episode) {
      QT_TRY(surroundings.attempt(index, row, outcome, episode));
      successes_ += outcome.success;
      surroundings.progress(++done_, std::to_string(successes_) + " grasped");
      return Ok();
    };
    return RunGrasp(attempts, sim::SimRobotFactory(row.scene), policies_[index]->factory(), sink,
                    enough, surroundings.stop, &row.result);
  }

  const AttemptProtocol& protocol_;
  const GraspConfig attempts_;
  Report report_;
  // One for each row.
  std::vector<std::optional<CemConfig>> searches_;
  std::vector<const OpenedPolicy*> policies_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<OpenedPolicy>> opened_;
  uint64_t done_ = 0, successes_ = 0;
};

}  // namespace

Result<NamedSetup> SetupWith(const EvaluationConfig& config, const FlagValues& values) {
  NamedSetup named{ToString(values), config.setup};
  const std::vector<Field> fields = FieldsOf(named.setup);
  for (const FlagValue& given : values) {
    const Field* field = FindField(fields, given.flag);
    if (field == nullptr) return Usage("there is no flag '--" + given.flag + "' here");
    const Status status = ParseInto(field->target, field->about, given.value);
    if (!status.ok()) return Usage("--" + given.flag + status.message());
  }
  QT_TRY(CheckSetup(config, named.setup));
  return named;
}

Status AttemptProtocol::Check(const EvaluationConfig& config) const {
  const auto& require = config.question.require;
  if (require && require->better && config.against.empty()) {
    return Usage("--require better needs --against");
  }
  if (rows_are() == RowsAre::kPolicies || config.policies.size() == 1) return Ok();
  return Usage("give one POLICY, a policy file or 'scripted'");
}

Result<std::unique_ptr<Evaluation>> AttemptProtocol::Open(const EvaluationConfig& config) const {
  QT_ASSIGN(std::vector<NamedSetup> setups, Setups(config));
  QT_TRY(ReadObjects(setups));
  return std::unique_ptr<Evaluation>(std::make_unique<AttemptEvaluation>(*this, config, setups));
}

Result<std::vector<NamedSetup>> AttemptProtocol::Setups(const EvaluationConfig& config) const {
  return std::vector<NamedSetup>{{"", config.setup}};
}

GraspConfig AttemptProtocol::Attempts(const EvaluationConfig& config) const {
  GraspConfig attempts{config.collect, 0};
  attempts.collect.swap_every = 1;
  if (attempts.collect.num_episodes == 0) {
    attempts.collect.num_episodes =
        config.question.is_open_ended() ? kMostAttempts : kDefaultAttempts;
  }
  return attempts;
}

std::vector<Protocol::Refusal> RefusalsOfTables(const std::string& protocol) {
  const std::string not_here = "; it does not go with --protocol " + protocol;
  std::vector<Protocol::Refusal> refusals = {
      {"against", "--against compares single attempts" + not_here},
      {"sprt", "--sprt tests one policy, or one --against another" + not_here}};
  for (const std::string setting : {"record", "sheet", "video"}) {
    refusals.push_back({setting, "--" + setting + " keeps the attempts of one policy" + not_here});
  }
  return refusals;
}

}  // namespace qt::eval
