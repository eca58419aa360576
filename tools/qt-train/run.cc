#include "run.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "base/log.h"
#include "qnet/model.h"
#include "record/episode_reader.h"
#include "train/train_loop.h"

namespace qt::train {
namespace {

struct Loaded {
  size_t unlabelled = 0, damaged = 0;
  int width_px = 0, height_px = 0;  // of the images
  Json lineage;
};

// One image size for all: the network has one.
Status CheckSize(const replay::ReplayEpisode& episode, Loaded* loaded) {
  for (const Observation& observation : episode.observations) {
    const EncodedImage& image = observation.image;
    if (loaded->width_px == 0) {
      loaded->width_px = image.width_px;
      loaded->height_px = image.height_px;
    }
    if (image.width_px != loaded->width_px || image.height_px != loaded->height_px) {
      return Failed("episode " + episode.id + " has images of " + std::to_string(image.width_px) +
                    "x" + std::to_string(image.height_px) + ", those before had " +
                    std::to_string(loaded->width_px) + "x" + std::to_string(loaded->height_px));
    }
  }
  return Ok();
}

Result<Loaded> Load(const std::vector<std::string>& inputs, const TrainConfig& config,
                    replay::ReplayBuffer* replay, cli::Io& io) {
  Loaded loaded;
  record::EpisodeStream stream(inputs);
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes loaded", 0);
  while (!io.stop()) {
    QT_ASSIGN(const auto stored, stream.Next());
    if (!stored) break;
    if (ChooseLabel(stored->episode, config.label) == nullptr) {
      ++loaded.unlabelled;
      continue;
    }
    auto episode = replay::MakeReplayEpisode(stored->episode, config.label, config.task);
    if (!episode.ok()) {
      LogWarning(episode.status().ToString());
      ++loaded.damaged;
      continue;
    }
    QT_TRY(CheckSize(**episode, &loaded));
    replay->Add(std::move(episode).value());
    progress->Update(replay->size());
  }
  for (const record::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
  loaded.damaged += stream.damage().size();
  loaded.lineage["programs"] = stream.programs();
  return loaded;
}

Status RequireEpisodes(const replay::ReplayBuffer& replay, const Loaded& loaded,
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

Json Summary(const LoopSummary& loop, const replay::ReplayBuffer& replay, const Loaded& loaded,
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

LoopOptions LoopOf(const Options& options, const Loaded& loaded, cli::Io& io) {
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
  QT_ASSIGN(const uint64_t max_bytes, ParseBytes(options.replay_bytes));
  qnet::SetComputeThreads(options.threads);
  replay::ReplayBuffer replay(max_bytes);
  QT_ASSIGN(const Loaded loaded, Load(inputs, config, &replay, io));
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
