#include "label/labeller.h"

#include <algorithm>
#include <string_view>

#include "record/episode_writer.h"

namespace qt::label {
namespace {

const EvidenceFrame* FindFrame(const Episode& episode, std::string_view name) {
  const auto found = std::find_if(episode.evidence.begin(), episode.evidence.end(),
                                  [&](const EvidenceFrame& frame) { return frame.name == name; });
  return found == episode.evidence.end() ? nullptr : &*found;
}

Result<RgbImage> DecodeFrame(const Episode& episode, const EvidenceFrame& frame) {
  Result<RgbImage> image = Decode(frame.image);
  if (image.ok()) return image;
  return Corrupt("episode " + episode.id + ": " + frame.name + ": " + image.status().message());
}

// The newest label is the default one (ChooseLabel), also against the simulator's truth.
uint32_t NextRevision(const Episode& episode) {
  uint32_t revision = 0;
  for (const Label& label : episode.labels) revision = std::max(revision, label.revision + 1);
  return revision;
}

}  // namespace

Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options) {
  if (!options.relabel && ChooseLabel(episode, kImageDiffSource) != nullptr) {
    return LabelResult{Outcome::kAlready, {}};
  }
  const EvidenceFrame* before = FindFrame(episode, "before_drop");
  const EvidenceFrame* after = FindFrame(episode, "after_drop");
  if (before == nullptr || after == nullptr) return LabelResult{Outcome::kNoEvidence, {}};
  QT_ASSIGN(const RgbImage before_image, DecodeFrame(episode, *before));
  QT_ASSIGN(const RgbImage after_image, DecodeFrame(episode, *after));
  QT_ASSIGN(const Judgement judgement,
            JudgePair(before_image, after_image, episode.camera, options.image_diff));
  LabelResult result{Outcome::kLabelled, {}};
  result.label.revision = NextRevision(episode);
  result.label.source = kImageDiffSource;
  result.label.config = DescribeJudgement(options.image_diff, judgement);
  result.label.content_hash = record::ComputeContentHash(episode);
  result.label.success = judgement.success;
  result.label.confidence = judgement.confidence;
  result.label.reward = Rewards(judgement.success, episode.steps.size(), options.step_reward);
  return result;
}

}  // namespace qt::label
