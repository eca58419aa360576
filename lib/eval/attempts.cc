// SPDX-License-Identifier: Apache-2.0
#include "eval/attempts.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "eval/opened_policy.h"
#include "eval/robot_cell.h"
#include "json/bounded_json.h"
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

// How a robot's attempts are judged, and how well.
struct Judging {
  label::LabelOptions judging;
  std::optional<stats::JudgeErrors> errors;
};

class AttemptEvaluation : public Evaluation {
 public:
  AttemptEvaluation(const AttemptProtocol& protocol, const EvaluationConfig& config,
                    const std::vector<NamedSetup>& setups, const Judging& judged)
      : protocol_(protocol),
        attempts_(protocol.Attempts(config)),
        judging_(judged.judging),
        started_s_(std::time(nullptr)) {
    report_.label_errors = judged.errors;
    report_.protocol = protocol.name();
    report_.rows_are = protocol.rows_are();
    report_.config = config;
    std::vector<std::string> specs = config.policies;
    if (!config.against.empty()) specs.push_back(config.against);
    for (const std::string& spec : specs) {
      for (const NamedSetup& named : setups) {
        report_.rows.push_back({spec, "", "", named.setup.scene, named.name, {}});
        if (is_robot()) report_.rows.back().scene.objects = config.cell.driver.objects_name;
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
    const std::string where = is_robot() ? " attempts on " + report_.config.cell.robot.ToString()
                                         : std::string(" scenes");
    return "would try " + names + " in " + (question().is_open_ended() ? "up to " : "") +
           std::to_string(attempts_.collect.num_episodes) + where;
  }

  Status Run(const Surroundings& surroundings) override {
    QT_TRY(StartPolicies());
    Status status = is_robot() ? RunOnRobot(surroundings) : RunRows(surroundings);
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
  bool is_robot() const { return report_.config.cell.is_robot(); }

  std::string RunIdOf(const PolicyReport& row) const {
    const EvaluationConfig& config = report_.config;
    // What a robot does is new each time, and so are its episodes.
    const std::string when = is_robot() ? " " + std::to_string(started_s_) : "";
    return rollout::MakeRunId(config.collect.seed,
                              "qt-eval " + row.policy + " " + config.setup.scene.objects + " " +
                                  report_.protocol + " " +
                                  std::to_string(attempts_.collect.num_episodes) + when);
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
    if (question().sprt && report_.against() != nullptr)
      return RunTurns(surroundings, kPairsPerLook);
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

  // Policies take turns attempt by attempt, so that what changes in the cell meanwhile changes for
  // all of them.
  Status RunOnRobot(const Surroundings& surroundings) {
    QT_TRY(CheckTasks());
    const EvaluationConfig& config = report_.config;
    cell_.emplace(config.cell, judging_, config.collect.tool, report_.rows[0].scene.task,
                  surroundings.stop);
    const Status status = RunTurns(surroundings, uint64_t(config.collect.num_envs));
    cell_.reset();  // the robot is not needed any more
    const auto knew =
        std::ranges::count(report_.rows[0].result.outcomes, JudgedBy::kTruth, &Outcome::judged_by);
    if (report_.label_errors && knew > 0) {
      LogWarning("the driver knows the truth, so that --label-errors counts for nothing");
    }
    return status;
  }

  // A driver is told one task. What ends an episode or is learned from is not its affair.
  Status CheckTasks() const {
    const TaskConfig& first = report_.rows[0].scene.task;
    for (const PolicyReport& row : report_.rows) {
      TaskConfig task = row.scene.task;
      task.max_steps = first.max_steps;
      task.step_reward = first.step_reward;
      task.discount = first.discount;
      task.terminate_height_m = first.terminate_height_m;
      task.termination = first.termination;
      const std::vector<Difference> differing = Differences(first, task);
      if (differing.empty()) continue;
      return Failed("a robot has one task: " + row.policy + " and " + report_.rows[0].policy +
                    " differ in " + differing.front().name);
    }
    return Ok();
  }

  bool IsEnoughNow() const {
    if (question().sprt) return SprtDecisionOf(report_) != stats::SprtDecision::kUndecided;
    return question().until &&
           WidthOf(IntervalOf(report_, report_.rows[0])) <= question().until->value;
  }

  // All rows try the same attempts, so many at once, before any goes on.
  Status RunTurns(const Surroundings& surroundings, uint64_t at_once) {
    const uint64_t end = attempts_.collect.num_episodes;
    for (uint64_t start = 0; start < end; start += at_once) {
      const uint64_t count = std::min(at_once, end - start);
      for (size_t i = 0; i < report_.rows.size(); ++i) {
        QT_TRY(RunRow(surroundings, i, start, count, {}));
      }
      if (IsEnoughNow()) break;
    }
    return Ok();
  }

  // What only the driver knows.
  void Note(const Episode& episode, PolicyReport& row) {
    report_.env = episode.env;
    const Json config = json::ParseObjectOrNone(episode.env_config);
    if (row.scene.objects.empty() && config.contains("objects") && config["objects"].is_string()) {
      row.scene.objects = config["objects"];
    }
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
      if (is_robot()) Note(episode, row);
      QT_TRY(surroundings.attempt(index, row, outcome, episode));
      successes_ += outcome.success;
      surroundings.progress(++done_, std::to_string(successes_) + " grasped");
      return Ok();
    };
    if (cell_) {
      attempts.judge = cell_->judge();
      attempts.collect.start_stamp_ns = int64_t(started_s_) * 1'000'000'000;
    }
    return RunGrasp(attempts, cell_ ? cell_->robots() : sim::SimRobotFactory(row.scene),
                    policies_[index]->factory(), sink, enough, surroundings.stop, &row.result);
  }

  const AttemptProtocol& protocol_;
  const GraspConfig attempts_;
  const label::LabelOptions judging_;
  const std::time_t started_s_;
  Report report_;
  std::optional<RobotCell> cell_;  // while a robot is tried
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
  Judging judged;
  if (config.cell.is_robot()) {
    QT_ASSIGN(judged.judging, ReadJudging(config.cell));
    if (!config.cell.label_errors.empty()) {
      QT_ASSIGN(judged.errors, ReadLabelErrors(config.cell.label_errors));
    }
  } else {
    QT_TRY(ReadObjects(setups));
  }
  return std::unique_ptr<Evaluation>(
      std::make_unique<AttemptEvaluation>(*this, config, setups, judged));
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
