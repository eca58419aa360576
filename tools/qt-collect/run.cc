#include "run.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "base/log.h"
#include "episodes/episode_sink.h"
#include "policy/followed_policy.h"
#include "policy/make_policy.h"
#include "preview.h"
#include "robot.h"
#include "rollout/collector.h"
#include "sim/object_folder.h"
#include "summary.h"

namespace qt::collect {
namespace {

using episodes::EpisodeSink;
using rollout::CollectorConfig;
using rollout::CollectStats;

// --start-time, else SOURCE_DATE_EPOCH, else 0 for a run that is to be repeatable, else now.
int64_t StartStamp(const Options& options) {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  int64_t seconds = 0;
  if (options.start_time_s >= 0) {
    seconds = options.start_time_s;
  } else if (epoch != nullptr && *epoch != 0) {
    seconds = std::strtoll(epoch, nullptr, 10);
  } else if (options.seed < 0) {
    seconds = std::time(nullptr);
  }
  return seconds * 1'000'000'000;
}

// Two drivers on one arm would be two masters, so a robot is several only if that is said.
int NumEnvs(const Options& options) {
  if (options.num_envs > 0) return options.num_envs;
  if (!DriverCommand(options).empty()) return 1;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

CollectorConfig ConfigOf(const Options& options, uint64_t seed, const cli::Io& io) {
  CollectorConfig config;
  config.task = options.scene.task;
  config.num_episodes = NumEpisodes(options);
  config.swap_every = options.swap_every;
  config.num_envs = NumEnvs(options);
  config.seed = seed;
  config.start_stamp_ns = StartStamp(options);
  config.exploration = float(options.epsilon);
  config.tool = io.tool_version();
  config.label_truth = options.label_truth;
  return config;
}

// Differs between runs that may differ: in the command, the seed or the policy behind a name.
Result<std::string> RunId(const Options& options, policy::PolicySource& source) {
  QT_ASSIGN(const std::unique_ptr<Policy> policy, source.NewPolicy());
  return rollout::MakeRunId(uint64_t(options.seed),
                            ReproducingCommand(options) + " " + policy->digest() +
                                (options.scene.library ? options.scene.library->digest : ""));
}

episodes::Lineage LineageOf(const Options& options, const CollectorConfig& config) {
  episodes::Lineage lineage;
  lineage.run_id = config.run_id;
  lineage.tool = config.tool;
  lineage.command_line = ReproducingCommand(options);
  return lineage;
}

// Starts the policy's process if there is one.
Result<std::unique_ptr<policy::PolicySource>> OpenSource(const Options& options,
                                                         const TaskConfig& task,
                                                         const cli::Io& io) {
  if (!options.follow) return policy::OpenPolicy(options.policy, task, options.epsilon);
  const auto on_change = [](const std::string& digest) { LogDebug("policy " + digest); };
  return policy::FollowPolicy(options.policy, task, options.epsilon, io.stop(), on_change);
}

Result<std::unique_ptr<EpisodeSink>> OpenSink(const Options& options, const CollectorConfig& config,
                                              cli::Io& io) {
  const auto open = [&options, &io](const std::string& file_id) {
    return io.OpenOutput(options.output, true, "episodes", file_id, ".mcap");
  };
  return episodes::OpenSink(options.output, {.open = open,
                                             .file_id = config.run_id,
                                             .lineage = LineageOf(options, config),
                                             .episodes_per_file = EpisodesPerFile(options)});
}

// Episodes that are complete are kept, whatever ended the run, unless writing itself has failed.
Status CollectInto(EpisodeSink& sink, const Options& options, const CollectorConfig& config,
                   policy::PolicySource& source, cli::Io& io, CollectStats* stats) {
  const bool endless = options.follow && options.num_episodes == 0;
  const std::unique_ptr<cli::Progress> progress =
      io.StartProgress("episodes", endless ? 0 : config.num_episodes);
  bool write_failed = false;
  const auto write = [&](Episode&& episode, const CollectStats& so_far) {
    Status status = sink.Write(episode);
    write_failed = !status.ok();
    progress->Update(so_far.episodes, RateText(so_far));
    return status;
  };
  const Status status = rollout::Collect(
      config, RobotsOf(options, config.tool), [&source] { return source.NewPolicy(); }, write,
      io.stop(), stats);
  const bool nothing = !status.ok() && stats->episodes == 0;
  if (write_failed || nothing) return status;
  QT_TRY(sink.Finish());
  return status;
}

}  // namespace

Status Run(Options options, cli::Io& io) {
  QT_TRY(sim::OpenObjects(options.scene));
  if (!options.preview.empty()) return WritePreview(options, io);
  if (options.serve_robot) return ServeRobot(options, io);
  const uint64_t seed = options.seed >= 0 ? uint64_t(options.seed) : std::random_device{}();
  CollectorConfig config = ConfigOf(options, seed, io);
  options.seed = int64_t(seed);
  options.start_time_s = config.start_stamp_ns / 1'000'000'000;
  CollectStats stats;
  if (io.dry_run()) {
    QT_TRY(io.OpenOutput(options.output, true, "episodes", "dry-run", ".mcap").status());
    io.Report(Summary(options, config, stats), "would run: " + ReproducingCommand(options));
    return Ok();
  }
  QT_ASSIGN(std::unique_ptr<policy::PolicySource> source,
            OpenSource(options, options.scene.task, io));
  QT_ASSIGN(config.run_id, RunId(options, *source));
  QT_ASSIGN(const std::unique_ptr<EpisodeSink> sink, OpenSink(options, config, io));
  const Status status = CollectInto(*sink, options, config, *source, io, &stats);
  if (status.code() == Code::kClosedPipe) return status;
  if (stats.episodes > 0) io.Report(Summary(options, config, stats), SummaryText(stats));
  return status.code() == Code::kInterrupted ? io.Interrupted() : status;
}

}  // namespace qt::collect
