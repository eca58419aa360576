#include "run.h"

#include <memory>
#include <utility>

#include "base/log.h"
#include "qnet/model.h"
#include "report.h"
#include "train/load_episodes.h"
#include "train/train_loop.h"

namespace qt::train {
namespace {

Status RequireEpisodes(const replay::ReplayBuffer& replay, const LoadSummary& loaded,
                       const std::string& label) {
  if (replay.size() > 0) return Ok();
  if (loaded.unlabelled > 0) {
    return Failed("none of the " + std::to_string(loaded.unlabelled) + " episodes has a label" +
                  (label.empty() ? "" : " from '" + label + "'") + "; qt-label gives them one");
  }
  return Failed("the input holds no episodes");
}

// Opened before the data are read: what is wrong with it shows at once.
Result<std::unique_ptr<RunFolder>> OpenToResume(const Options& options) {
  if (!options.resume) return std::unique_ptr<RunFolder>();
  return RunFolder::Resume(options.output);
}

Result<LoadOptions> LoadOptionsOf(const Options& options, const RunFolder* resumed) {
  LoadOptions load;
  QT_ASSIGN(load.inputs, cli::InputsOrStdin(InputsOf(options)));
  load.follow = options.follow;
  if (resumed != nullptr) {
    QT_ASSIGN(load.own_policies, resumed->PolicyDigests());
  }
  return load;
}

// Log replay; with --follow, until there is a first episode.
Status Load(const Options& options, EpisodeLoader& loader, const replay::ReplayBuffer& replay,
            cli::Io& io) {
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes loaded", 0);
  QT_TRY(loader.LoadStored([&](uint64_t episodes) { progress->Update(episodes); }));
  if (options.follow && !io.dry_run()) {
    loader.Follow();
    if (replay.size() == 0) LogInfo("waiting for the first episode");
    loader.AwaitEpisode();
    QT_TRY(loader.status());
  }
  if (io.stop()) return io.Interrupted();
  return RequireEpisodes(replay, loader.summary(), options.config.label);
}

LoopOptions LoopOf(const Options& options, const EpisodeLoader& loader, cli::Io& io) {
  LoopOptions loop;
  loop.steps = options.steps;
  loop.log_steps = options.log_steps;
  loop.checkpoint_steps = options.checkpoint_steps;
  loop.keep = options.keep;
  loop.publish.policy_steps = options.publish_policy_steps;
  loop.publish.policy_s = options.publish_policy_seconds;
  loop.publish.held_out = options.held_out;
  loop.replay_grows = options.follow;
  loop.stop = &io.stop();
  loop.data_status = [&loader] { return loader.status(); };
  loop.publish.lineage = [&loader, tool = io.tool_version(), command = io.command_line()] {
    Json lineage = loader.summary().lineage;
    lineage["tool"] = tool;
    lineage["command_line"] = command;
    return lineage;
  };
  return loop;
}

Status Train(const Options& options, const TrainConfig& config, const EpisodeLoader& loader,
             const replay::ReplayBuffer& replay, RunFolder& folder, cli::Io& io) {
  LoopOptions loop = LoopOf(options, loader, io);
  const std::unique_ptr<cli::Progress> progress =
      io.StartProgress("steps", static_cast<uint64_t>(options.steps));
  loop.on_progress = [&](const LoopProgress& now) {
    progress->Update(static_cast<uint64_t>(now.step), ProgressNote(now));
  };
  QT_ASSIGN(const LoopSummary summary, RunTraining(config, loop, replay, folder));
  const LoadSummary loaded = loader.summary();
  io.Report(Summary(summary, replay, loaded, folder.PolicyPath()),
            SummaryText(summary, folder.PolicyPath()));
  if (summary.interrupted) return io.Interrupted();
  if (loaded.damaged == 0) return Ok();
  return Partial(std::to_string(loaded.damaged) + " damaged episodes were left out");
}

}  // namespace

Status Run(const Options& options, cli::Io& io) {
  QT_ASSIGN(TrainConfig config, MakeConfig(options));
  if (!options.resume) QT_TRY(RunFolder::CheckFree(options.output, io.force()));
  QT_ASSIGN(std::unique_ptr<RunFolder> folder, OpenToResume(options));
  QT_ASSIGN(LoadOptions load, LoadOptionsOf(options, folder.get()));
  QT_ASSIGN(const uint64_t max_bytes, ParseBytes(options.replay_bytes));
  qnet::SetComputeThreads(options.threads);
  qnet::KeepFreedMemory();
  replay::ReplayBuffer replay(max_bytes, {config.balance, config.online_share});
  EpisodeLoader loader(std::move(load), config, replay, io.stop());
  QT_TRY(Load(options, loader, replay, io));
  const LoadSummary loaded = loader.summary();
  QT_TRY(FitImages(options, loaded.width_px, loaded.height_px, config));
  QT_ASSIGN(config.device, qnet::ChooseDevice(options.device));
  if (io.dry_run()) {
    io.Report(Summary({}, replay, loaded, ""), "would train on " + std::to_string(replay.size()) +
                                                   " episodes into " + options.output);
    return Ok();
  }
  if (!folder) {
    QT_ASSIGN(folder, RunFolder::Create(options.output, ToJson(config), io.force()));
  }
  return Train(options, config, loader, replay, *folder, io);
}

}  // namespace qt::train
