#include "train/load_episodes.h"

#include <utility>

#include "base/log.h"
#include "record/episode_reader.h"

namespace qt::train {
namespace {

std::string SizeText(int width_px, int height_px) {
  return std::to_string(width_px) + "x" + std::to_string(height_px);
}

Status CheckSize(const replay::ReplayEpisode& episode, LoadSummary* summary) {
  for (const Observation& observation : episode.observations) {
    const EncodedImage& image = observation.image;
    if (summary->width_px == 0) {
      summary->width_px = image.width_px;
      summary->height_px = image.height_px;
    }
    if (image.width_px != summary->width_px || image.height_px != summary->height_px) {
      return Failed("episode " + episode.id + " has images of " +
                    SizeText(image.width_px, image.height_px) + ", those before had " +
                    SizeText(summary->width_px, summary->height_px));
    }
  }
  return Ok();
}

}  // namespace

Result<LoadSummary> LoadEpisodes(const std::vector<std::string>& inputs, const TrainConfig& config,
                                 const std::atomic<bool>& stop, replay::ReplayBuffer& replay,
                                 const std::function<void(uint64_t episodes)>& on_progress) {
  LoadSummary summary;
  record::EpisodeStream stream(inputs);
  while (!stop) {
    QT_ASSIGN(const auto stored, stream.Next());
    if (!stored) break;
    if (ChooseLabel(stored->episode, config.label) == nullptr) {
      ++summary.unlabelled;
      continue;
    }
    auto episode =
        replay::MakeReplayEpisode(stored->episode, config.label, config.task, config.step_reward);
    if (!episode.ok()) {
      LogWarning(episode.status().ToString());
      ++summary.damaged;
      continue;
    }
    QT_TRY(CheckSize(**episode, &summary));
    replay.Add(std::move(episode).value());
    on_progress(replay.size());
  }
  for (const record::Damage& damage : stream.damage()) LogWarning(damage.status.ToString());
  summary.damaged += stream.damage().size();
  summary.lineage["programs"] = stream.programs();
  return summary;
}

}  // namespace qt::train
