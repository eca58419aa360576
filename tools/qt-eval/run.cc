#include "run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "arms.h"
#include "eval/evaluation.h"
#include "json/json.h"
#include "outputs.h"

namespace qt::eval {
namespace {

Status Evaluate(const Options& options, const EvaluationConfig& config, Arms& opened,
                Outputs& outputs, cli::Io& io, Report* report) {
  QT_ASSIGN(const std::vector<Arm> arms, opened.Start());
  const uint64_t total = config.rule.any() ? 0 : NumAttempts(options) * arms.size();
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes", total);
  uint64_t done = 0, successes = 0;
  const auto sink = [&](size_t arm, const PolicyReport& policy, const Outcome& outcome,
                        const Episode& episode) {
    QT_TRY(outputs.Write(arm, policy, outcome, episode));
    successes += outcome.success;
    progress->Update(++done, std::to_string(successes) + " grasped");
    return Ok();
  };
  return RunArms(config, arms, sink, io.stop(), report);
}

std::string PlanText(const Options& options) {
  std::string names;
  for (const std::string& policy : options.policy) names += (names.empty() ? "" : ", ") + policy;
  const bool open_ended = !options.until.empty() || !options.sprt.empty();
  return "would try " + names + " in " + (open_ended ? "up to " : "") +
         std::to_string(NumAttempts(options)) + " scenes";
}

}  // namespace

Status Run(const Options& given, cli::Io& io) {
  Options options = given;
  if (options.num_envs == 0) {
    options.num_envs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }
  if (options.protocol == "offline") return RunOffline(options, io);
  QT_ASSIGN(Arms arms, Arms::Open(options));
  EvaluationConfig config = EvaluationOf(options);
  config.grasp.tool = io.tool_version();
  Report report = EmptyReport(options);
  QT_ASSIGN(Outputs outputs, Outputs::Open(options, RunIdOf(config, options.policy[0]), io));
  if (io.dry_run()) {
    io.Report(ToJson(report), PlanText(options));
    return Ok();
  }
  Status status = Evaluate(options, config, arms, outputs, io, &report);
  if (status.code() == Code::kInterrupted) status = io.Interrupted();
  if (!status.ok() && status.code() != Code::kInterrupted) return status;
  QT_TRY(outputs.Finish(report));
  if (!status.ok()) report.requirement.reset();  // half an evaluation answers no question
  io.Report(ToJson(report), ToText(report), options.episodes != "-");
  return status.ok() && report.requirement ? CheckRequirement(report) : status;
}

}  // namespace qt::eval
