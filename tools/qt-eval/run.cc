#include <algorithm>
#include <thread>

#include "base/output_place.h"
#include "json/json.h"
#include "options.h"
#include "outputs.h"

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

}  // namespace

Status Run(const Options& options, cli::Io& io) {
  EvaluationConfig config = options.config;
  config.setup.scene.drop_test = !options.files.record.empty();
  config.collect.tool = io.tool_version();
  if (config.collect.num_envs == 0) {
    config.collect.num_envs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }
  QT_ASSIGN(const std::unique_ptr<Evaluation> evaluation, options.protocols.chosen().Open(config));
  QT_ASSIGN(Outputs outputs, Outputs::Open(options.files, evaluation->run_id(), io));
  if (io.dry_run()) {
    io.Report(evaluation->ToJson(), evaluation->Plan());
    return Ok();
  }
  Status status = RunWithProgress(*evaluation, outputs, io);
  if (status.code() == Code::kInterrupted) status = io.Interrupted();
  const bool is_some = status.code() == Code::kInterrupted || status.code() == Code::kPartial;
  if (!status.ok() && !is_some) return status;
  QT_TRY(outputs.Finish(evaluation->report()));
  io.Report(evaluation->ToJson(), evaluation->ToText(), !NamesStdout(options.files.episodes));
  return status.ok() ? evaluation->Verdict() : status;
}

}  // namespace qt::eval
