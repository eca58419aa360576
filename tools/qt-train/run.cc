#include "run.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "qnet/model.h"
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

Result<std::unique_ptr<RunFolder>> OpenFolder(const Options& options, const TrainConfig& config,
                                              const cli::Io& io) {
  if (options.resume) return RunFolder::Resume(options.output);
  return RunFolder::Create(options.output, ToJson(config), io.force());
}

Json Summary(const LoopSummary& loop, const replay::ReplayBuffer& replay, const LoadSummary& loaded,
             const std::string& policy) {
  return {{"steps", loop.last_step},
          {"first_step", loop.first_step},
          {"loss", loop.loss},
          {"td_error", loop.td_error},
          {"episodes", replay.size()},
          {"successes", replay.num_successes()},
          {"episodes_evicted", replay.num_evicted()},
          {"episodes_unlabelled", loaded.unlabelled},
          {"episodes_damaged", loaded.damaged},
          {"labels", loop.labels},
          {"seconds", loop.seconds},
          {"label_seconds", loop.label_seconds},
          {"batch_seconds", loop.batch_seconds},
          {"gradient_seconds", loop.gradient_seconds},
          {"policy", policy}};
}

std::string SummaryText(const LoopSummary& loop, const std::string& policy) {
  char text[200];
  std::snprintf(text, sizeof text, "%lld steps in %.1f s, loss %.4f, TD error %.4f: %s",
                static_cast<long long>(loop.last_step), loop.seconds, loop.loss, loop.td_error,
                policy.c_str());
  return text;
}

LoopOptions LoopOf(const Options& options, const LoadSummary& loaded, cli::Io& io) {
  LoopOptions loop;
  loop.steps = options.steps;
  loop.log_steps = options.log_steps;
  loop.checkpoint_steps = options.checkpoint_steps;
  loop.keep = options.keep;
  loop.stop = &io.stop();
  loop.lineage = loaded.lineage;
  loop.lineage["tool"] = io.tool_version();
  loop.lineage["command_line"] = io.command_line();
  return loop;
}

}  // namespace

Status Run(const Options& options, cli::Io& io) {
  QT_ASSIGN(TrainConfig config, MakeConfig(options));
  QT_ASSIGN(const std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  if (!options.resume) QT_TRY(RunFolder::CheckFree(options.output, io.force()));
  QT_ASSIGN(const uint64_t max_bytes, ParseBytes(options.replay_bytes));
  qnet::SetComputeThreads(options.threads);
  replay::ReplayBuffer replay(max_bytes);
  const std::unique_ptr<cli::Progress> loading = io.StartProgress("episodes loaded", 0);
  QT_ASSIGN(const LoadSummary loaded,
            LoadEpisodes(inputs, config, io.stop(), replay,
                         [&](uint64_t episodes) { loading->Update(episodes); }));
  if (io.stop()) return io.Interrupted();
  QT_TRY(RequireEpisodes(replay, loaded, config.label));
  config.network.image_width_px = loaded.width_px;
  config.network.image_height_px = loaded.height_px;
  if (io.dry_run()) {
    io.Report(Summary({}, replay, loaded, ""), "would train on " + std::to_string(replay.size()) +
                                                   " episodes into " + options.output);
    return Ok();
  }
  QT_ASSIGN(const std::unique_ptr<RunFolder> folder, OpenFolder(options, config, io));
  LoopOptions loop = LoopOf(options, loaded, io);
  const std::unique_ptr<cli::Progress> progress =
      io.StartProgress("steps", static_cast<uint64_t>(options.steps));
  loop.on_progress = [&](int64_t step, double loss, double td_error) {
    char note[80];
    std::snprintf(note, sizeof note, "loss %.4f, TD error %.4f", loss, td_error);
    progress->Update(static_cast<uint64_t>(step), note);
  };
  QT_ASSIGN(const LoopSummary summary, RunTraining(config, loop, replay, *folder));
  io.Report(Summary(summary, replay, loaded, folder->PolicyPath()),
            SummaryText(summary, folder->PolicyPath()));
  if (summary.interrupted) return io.Interrupted();
  if (loaded.damaged > 0) {
    return Partial(std::to_string(loaded.damaged) + " damaged episodes were left out");
  }
  return Ok();
}

}  // namespace qt::train
