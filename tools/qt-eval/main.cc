// SPDX-License-Identifier: Apache-2.0
// qt-eval: a policy in, how often it grasps out.
#include "base/output_place.h"
#include "cli/tool.h"
#include "eval/opened_policy.h"
#include "json/json.h"
#include "options.h"
#include "outputs.h"
#include "policy/policy_spec.h"
#include "rollout/collector.h"

namespace qt::eval {
namespace {

Status RunWithProgress(Evaluation& evaluation, Outputs& outputs, cli::Io& io) {
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes", evaluation.total());
  return evaluation.Run(
      {io.stop(), [&](uint64_t done, const std::string& note) { progress->Update(done, note); },
       [&](size_t row, const PolicyReport& policy, const Outcome& outcome, const Episode& episode) {
         return outputs.Write(row, policy, outcome, episode);
       }});
}

// Whether the policy files could act now. Processes and sockets are neither started nor asked.
Status TryPolicies(const EvaluationConfig& config) {
  std::vector<std::string> specs = config.policies;
  if (!config.against.empty()) specs.push_back(config.against);
  for (const std::string& spec : specs) {
    QT_ASSIGN(const policy::PolicySpec parsed, policy::PolicySpec::Parse(spec));
    if (parsed.kind != policy::PolicyKind::kFile) continue;
    QT_TRY(OpenedPolicy::Open(spec, config.setup.cem).status());
  }
  return Ok();
}

Status Run(const Options& options, cli::Io& io) {
  EvaluationConfig config = options.config;
  config.setup.scene.drop_test = !options.files.record.empty();
  config.collect.tool = io.tool_version();
  // Two drivers on one arm would be two masters.
  const bool one = config.collect.num_envs == 0 && config.cell.is_robot();
  config.collect.num_envs = one ? 1 : rollout::NumEnvs(config.collect.num_envs);
  QT_ASSIGN(const std::unique_ptr<Evaluation> evaluation, options.protocols.chosen().Open(config));
  QT_ASSIGN(Outputs outputs, Outputs::Open(options.files, evaluation->run_id(), io));
  if (io.dry_run()) {
    QT_TRY(TryPolicies(config));
    io.Report(evaluation->ToJson(), evaluation->Plan());
    return Ok();
  }
  Status status = RunWithProgress(*evaluation, outputs, io);
  if (status.code() == Code::kInterrupted) status = io.Interrupted();
  const Report* report = evaluation->report();
  // What a robot has done is not thrown away because it then failed.
  const bool is_dear =
      config.cell.is_robot() && report != nullptr && !report->rows[0].result.outcomes.empty();
  const bool is_some =
      is_dear || status.code() == Code::kInterrupted || status.code() == Code::kPartial;
  if (!status.ok() && !is_some) return status;
  QT_TRY(outputs.Finish(evaluation->report()));
  io.Report(evaluation->ToJson(), evaluation->ToText(), !NamesStdout(options.files.episodes));
  return status.ok() ? evaluation->Verdict() : status;
}

}  // namespace
}  // namespace qt::eval

int main(int argc, char** argv) {
  qt::eval::Options options;
  return qt::cli::RunTool(qt::eval::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::eval::Run(options, io); });
}
