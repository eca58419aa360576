// SPDX-License-Identifier: Apache-2.0
// qt-train: labelled episodes in, a run folder with checkpoints and a policy out.
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/number_text.h"
#include "cli/tool.h"
#include "json/json.h"
#include "options.h"
#include "qnet/model.h"
#include "replay/replay_buffer.h"
#include "train/initial_weights.h"
#include "train/load_episodes.h"
#include "train/memory_use.h"
#include "train/train_loop.h"

namespace qt::train {
namespace {

// --- What it says ------------------------------------------------------------------------------

std::string SuccessText(const HeldOutResult& result) {
  char text[80];
  std::snprintf(text, sizeof text, "success %.0f %% [%.0f, %.0f] at step %lld",
                100 * result.success, 100 * result.low, 100 * result.high,
                static_cast<long long>(result.step));
  return text;
}

// What the run's weights began with, of an older run as its config.json has it; null: random ones.
Json InitNote(const Options& options) {
  if (options.init) return ToJson(**options.init);
  if (!options.resumed) return nullptr;
  const Json& history = (*options.resumed)->file.value("history", Json::array());
  return history.empty() ? Json() : history.front().value("init", Json());
}

Json Summary(const LoopSummary& loop, const replay::ReplayBuffer& replay, const LoadSummary& loaded,
             const std::string& policy, const Json& init) {
  const replay::BufferCounts counts = replay.counts();
  Json summary = {{"steps", loop.last_step},
                  {"first_step", loop.first_step},
                  {"loss", loop.loss},
                  {"td_error", loop.td_error},
                  {"episodes", counts.episodes},
                  {"episodes_online", replay.counts(replay::Origin::kOnline).episodes},
                  {"successes", counts.successes},
                  {"episodes_evicted", replay.num_evicted()},
                  {"episodes_unlabelled", loaded.unlabelled},
                  {"episodes_repeated", loaded.repeated},
                  {"episodes_damaged", loaded.damaged},
                  {"targets", loop.targets},
                  {"labels", loop.targets},  // its older name
                  {"seconds", loop.seconds},
                  {"target_seconds", loop.target_seconds},
                  {"label_seconds", loop.target_seconds},  // its older name
                  {"batch_seconds", loop.batch_seconds},
                  {"gradient_seconds", loop.gradient_seconds},
                  {"announced_bytes", loop.announced_bytes},
                  {"peak_bytes", loop.peak_bytes},
                  {"policy", policy}};
  if (loop.held_out) summary["held_out"] = ToJson(*loop.held_out);
  if (!init.is_null()) summary["init"] = init;
  return summary;
}

std::string SummaryText(const LoopSummary& loop, const std::string& policy) {
  char text[200];
  std::snprintf(text, sizeof text, "%lld steps in %.1f s, loss %.4f, TD error %.4f",
                static_cast<long long>(loop.last_step), loop.seconds, loop.loss, loop.td_error);
  std::string summary = text;
  if (loop.held_out) summary += ", " + SuccessText(*loop.held_out);
  return summary + ": " + policy + "\nmemory: " + MebibytesText(loop.peak_bytes) +
         " at the peak, " + MebibytesText(loop.announced_bytes) + " announced";
}

// The part of the progress line that follows steps, rate and ETA.
std::string ProgressNote(const LoopProgress& progress) {
  char text[80];
  std::snprintf(text, sizeof text, "loss %.4f, TD error %.4f", progress.loss, progress.td_error);
  return progress.held_out ? SuccessText(*progress.held_out) + ", " + text : text;
}

// --- Training ----------------------------------------------------------------------------------

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
  return RequireEpisodes(replay, loader.summary(), options.run.train.label);
}

// What a run begins with that has no checkpoint yet; nothing: random weights.
Result<std::optional<InitialWeights>> WeightsToBeginWith(const Options& options,
                                                         const RunFolder* resumed) {
  if (options.init) return std::optional(**options.init);
  const InitConfig& from = options.run.init;
  if (from.policy.empty() || resumed->NewestCheckpoint()) return std::optional<InitialWeights>();
  QT_ASSIGN(InitialWeights weights, ReadInitialWeights(from));
  const Json note = InitNote(options);
  if (note.is_object() && note.value("sha256", weights.digest) != weights.digest) {
    return Failed("this is not the policy any more that the run was to begin with").At(from.policy);
  }
  return std::optional(std::move(weights));
}

void TellOf(const InitialWeights& weights) {
  std::string which = "the weights of " + weights.from.policy;
  if (weights.num_networks > 1) {
    which = "network " + std::to_string(weights.from.network) + " of the " +
            std::to_string(weights.num_networks) + " in " + weights.from.policy;
  }
  const qnet::NetworkConfig& network = weights.config.network;
  LogInfo("begins with " + which + ", which learned for " + std::to_string(weights.steps) +
          " steps: " + network.architecture.ToString() + ", images of " +
          SizeText(RecordedWidth_px(network), RecordedHeight_px(network)) + " pixels");
}

LoopOptions LoopOf(const Options& options, const EpisodeLoader& loader, cli::Io& io) {
  LoopOptions loop;
  loop.config = options.run.loop;
  loop.replay_grows = options.follow;
  loop.stop = &io.stop();
  loop.data_status = [&loader] { return loader.status(); };
  loop.lineage = [&loader, tool = io.tool_version(), command = io.command_line(),
                  init = InitNote(options)] {
    Json lineage = loader.summary().lineage;
    if (!init.is_null()) lineage["init"] = init;
    lineage["tool"] = tool;
    lineage["command_line"] = command;
    return lineage;
  };
  return loop;
}

// How the run goes, for a log that nobody watches: a line a minute, with -v each.
class MinuteLog {
 public:
  explicit MinuteLog(int64_t steps) : steps_(steps) {}
  void Note(const LoopProgress& now) {
    const std::string text = "step " + std::to_string(now.step) + " of " + std::to_string(steps_) +
                             ", " + ProgressNote(now);
    const bool is_due = Clock::now() - last_ >= std::chrono::minutes(1);
    if (is_due) last_ = Clock::now();
    is_due ? LogInfo(text) : LogDebug(text);
  }

 private:
  using Clock = std::chrono::steady_clock;
  const int64_t steps_;
  Clock::time_point last_ = Clock::now();
};

Status Train(const Options& options, const TrainConfig& config, const EpisodeLoader& loader,
             const std::optional<InitialWeights>& init, const replay::ReplayBuffer& replay,
             RunFolder& folder, cli::Io& io) {
  LoopOptions loop = LoopOf(options, loader, io);
  if (init) loop.init = &*init;
  const std::unique_ptr<cli::Progress> progress =
      io.StartProgress("steps", static_cast<uint64_t>(options.run.loop.steps));
  MinuteLog log(options.run.loop.steps);
  loop.on_progress = [&](const LoopProgress& now) {
    progress->Update(static_cast<uint64_t>(now.step), ProgressNote(now));
    log.Note(now);
  };
  QT_ASSIGN(const LoopSummary summary, RunTraining(config, loop, replay, folder));
  const LoadSummary loaded = loader.summary();
  io.Report(Summary(summary, replay, loaded, folder.PolicyPath(), InitNote(options)),
            SummaryText(summary, folder.PolicyPath()));
  if (summary.interrupted) return io.Interrupted();
  if (loaded.damaged == 0) return Ok();
  return Partial(std::to_string(loaded.damaged) + " damaged episodes were left out");
}

double WallTime_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// What flags have changed of the run that goes on is told, and written into config.json.
Status NoteChanges(const Resumed& resumed, const RunConfig& now, const RunFolder& folder,
                   const cli::Io& io) {
  const Json changes = ChangesOf(resumed.config, now);
  for (const auto& [name, change] : changes.items()) {
    LogInfo(name + " is " + json::Dump(change["to"]) + " from now on, was " +
            json::Dump(change["from"]));
  }
  const std::optional<RunFolder::Checkpoint> checkpoint = folder.NewestCheckpoint();
  const Json config = ConfigWithHistory(resumed.file, now, checkpoint ? checkpoint->step : 0,
                                        io.tool_version(), io.command_line(), WallTime_s());
  return config == resumed.file ? Ok() : folder.WriteConfig(config);
}

Status Run(const Options& options, cli::Io& io) {
  RunConfig run = ConfigOf(options);
  if (!options.resume) QT_TRY(RunFolder::CheckFree(options.output, io.force()));
  QT_ASSIGN(std::unique_ptr<RunFolder> folder, OpenToResume(options));
  QT_ASSIGN(LoadOptions load, LoadOptionsOf(options, folder.get()));
  QT_ASSIGN(const auto init, WeightsToBeginWith(options, folder.get()));
  if (init) TellOf(*init);
  QT_TRY(qnet::CheckComputeThreads());
  qnet::SetComputeThreads(run.threads);
  qnet::KeepFreedMemory();
  replay::ReplayBuffer replay(run.replay_bytes.bytes, {run.train.balance, run.train.online_share});
  EpisodeLoader loader(std::move(load), run.train, replay, io.stop());
  QT_TRY(Load(options, loader, replay, io));
  const LoadSummary loaded = loader.summary();
  QT_TRY(FitImages(options, loaded.width_px, loaded.height_px, run.train));
  TrainConfig config = run.train;
  QT_ASSIGN(config.device, qnet::ChooseDevice(run.train.device));
  if (io.dry_run()) {
    io.Report(
        Summary({}, replay, loaded, "", InitNote(options)),
        "would train on " + std::to_string(replay.size()) + " episodes into " + options.output);
    return Ok();
  }
  if (folder) {
    QT_TRY(NoteChanges(**options.resumed, run, *folder, io));
  } else {
    Json first =
        ConfigWithHistory(nullptr, run, 0, io.tool_version(), io.command_line(), WallTime_s());
    if (init) first["history"][0]["init"] = ToJson(*init);
    QT_ASSIGN(folder, RunFolder::Create(options.output, first, io.force()));
  }
  return Train(options, config, loader, init, replay, *folder, io);
}

}  // namespace
}  // namespace qt::train

int main(int argc, char** argv) {
  qt::train::Options options;
  return qt::cli::RunTool(qt::train::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::train::Run(options, io); });
}
