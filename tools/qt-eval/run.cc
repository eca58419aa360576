#include "run.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "eval/grasp.h"
#include "eval/opened_policy.h"
#include "eval/report.h"
#include "record/episode_writer.h"

namespace qt::eval {
namespace {

// Everything that goes out while the attempts run.
struct Outputs {
  std::unique_ptr<ByteSink> lines;                // may be null
  std::unique_ptr<record::EpisodeWriter> writer;  // may be null

  Status Write(const PolicyReport& policy, const Outcome& outcome) {
    if (!lines) return Ok();
    QT_TRY(lines->Write(AsBytes(ToJson(policy.policy, outcome).dump() + "\n")));
    return lines->Flush();
  }
  Status Finish() {
    if (writer) QT_TRY(writer->Finish());
    return lines ? lines->Commit() : Ok();
  }
};

uint64_t NumAttempts(const Options& options) {
  if (options.protocol == "grasp") return options.num_episodes;
  return uint64_t(options.bins) * uint64_t(options.attempts);
}

std::string RunId(const Options& options, const std::string& policy) {
  return rollout::MakeRunId(options.seed, "qt-eval " + policy + " " + options.objects + " " +
                                              options.protocol + " " +
                                              std::to_string(NumAttempts(options)));
}

Result<Outputs> OpenOutputs(const Options& options, cli::Io& io) {
  const std::string run_id = RunId(options, options.policy[0]);
  Outputs outputs;
  if (!options.episodes.empty()) {
    QT_ASSIGN(outputs.lines, io.OpenOutput(options.episodes, false, "eval", run_id, ".ndjson"));
  }
  if (!options.record.empty()) {
    QT_ASSIGN(std::unique_ptr<ByteSink> sink,
              io.OpenOutput(options.record, true, "eval", run_id, ".mcap"));
    record::Lineage lineage;
    lineage.run_id = run_id;
    lineage.tool = io.tool_version();
    lineage.command_line = io.command_line();
    outputs.writer = std::make_unique<record::EpisodeWriter>(std::move(sink), std::move(lineage));
  }
  return outputs;
}

GraspConfig ConfigOf(const Options& options, const OpenedPolicy& policy, const cli::Io& io) {
  GraspConfig config;
  config.task = policy.task();
  config.num_episodes = NumAttempts(options);
  if (options.protocol == "bin") {
    config.attempts_per_bin = options.attempts;
    config.removed_objects = options.bin_objects;
  }
  config.seed = options.seed;
  config.num_envs = options.num_envs;
  config.run_id = RunId(options, policy.spec());
  config.tool = io.tool_version();
  return config;
}

// Runs one policy; `report` holds what was done, also after an error.
Status Evaluate(const Options& options, const OpenedPolicy& policy, Outputs& outputs,
                record::EpisodeWriter* writer, cli::Io& io, PolicyReport* report) {
  *report = {policy.spec(), policy.name(), policy.digest(), policy.task(), {}};
  sim::WorldConfig world = WorldOf(options);
  world.task = policy.task();
  world.image_width_px = policy.image_width_px();
  world.image_height_px = policy.image_height_px();
  const std::unique_ptr<cli::Progress> progress =
      io.StartProgress("episodes", NumAttempts(options));
  uint64_t successes = 0;
  const auto sink = [&](const Outcome& outcome, const Episode& episode) {
    QT_TRY(outputs.Write(*report, outcome));
    if (writer != nullptr) QT_TRY(writer->Write(episode));
    successes += outcome.success;
    progress->Update(outcome.index + 1, std::to_string(successes) + " grasped");
    return Ok();
  };
  return RunGrasp(ConfigOf(options, policy, io), rollout::SimRobotFactory(world), policy.factory(),
                  sink, io.stop(), &report->result);
}

Status EvaluateAll(const Options& options, Outputs& outputs, cli::Io& io, Report* report) {
  QT_ASSIGN(const OpenedPolicy first, OpenedPolicy::Open(options.policy[0]));
  std::optional<OpenedPolicy> against;
  if (!options.against.empty()) {
    QT_ASSIGN(against, OpenedPolicy::Open(options.against));
  }
  QT_TRY(Evaluate(options, first, outputs, outputs.writer.get(), io, &report->first));
  if (!against) return Ok();
  return Evaluate(options, *against, outputs, nullptr, io, &report->against.emplace());
}

}  // namespace

Status Run(const Options& given, cli::Io& io) {
  Options options = given;
  if (options.num_envs == 0) {
    options.num_envs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }
  QT_ASSIGN(options.library,
            sim::OpenObjects(options.objects, {options.object_scale, options.fit_objects}));
  Report report;
  report.protocol = options.protocol;
  if (options.protocol == "bin") {
    report.attempts_per_bin = options.attempts;
    report.bin_objects = options.bin_objects;
  }
  report.objects = options.objects;
  report.arm = options.arm;
  report.disturb = options.disturb;
  report.seed = options.seed;
  report.confidence = options.confidence;
  report.num_envs = options.num_envs;
  report.first.policy = options.policy[0];
  if (!options.require.empty()) {
    QT_ASSIGN(report.requirement, ParseRequirement(options.require));
  }
  QT_ASSIGN(Outputs outputs, OpenOutputs(options, io));
  if (io.dry_run()) {
    const std::string attempts = std::to_string(NumAttempts(options));
    io.Report(ToJson(report), "would try " + options.policy[0] + " in " + attempts + " scenes");
    return Ok();
  }
  Status status = EvaluateAll(options, outputs, io, &report);
  if (status.code() == Code::kInterrupted) status = io.Interrupted();
  if (!status.ok() && status.code() != Code::kInterrupted) return status;
  QT_TRY(outputs.Finish());
  if (!status.ok()) report.requirement.reset();  // half an evaluation answers no question
  io.Report(ToJson(report), ToText(report), options.episodes != "-");
  return status.ok() && report.requirement ? CheckRequirement(report) : status;
}

}  // namespace qt::eval
