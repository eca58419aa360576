#include "label/labeller.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "record/episode_writer.h"

namespace qt::label {
namespace {

const EvidenceFrame* FindFrame(const Episode& episode, std::string_view name) {
  const auto found = std::find_if(episode.evidence.begin(), episode.evidence.end(),
                                  [&](const EvidenceFrame& frame) { return frame.name == name; });
  return found == episode.evidence.end() ? nullptr : &*found;
}

Result<RgbImage> DecodeFrame(const Episode& episode, const EvidenceFrame& frame, int max_side_px) {
  Result<RgbImage> image = DecodeShrunk(frame.image, max_side_px);
  if (image.ok()) return image;
  return Corrupt("episode " + episode.id + ": " + frame.name + ": " + image.status().message());
}

// The newest label is the default one (ChooseLabel), also against the simulator's truth.
uint32_t NextRevision(const Episode& episode) {
  uint32_t revision = 0;
  for (const Label& label : episode.labels) revision = std::max(revision, label.revision + 1);
  return revision;
}

// Any version of any method of ours.
bool IsOurs(const Label& label) {
  const std::string name = label.source.substr(0, label.source.find('/'));
  return name == "vote" || name == "image_diff" || name == "opening";
}

Result<std::optional<Verdict>> AskPictures(const Episode& episode, const LabelOptions& options) {
  QT_ASSIGN(const std::optional<Analysis> analysis, AnalyseEvidence(episode, options.image_diff));
  if (!analysis) return std::optional<Verdict>();
  const Judgement& judgement = analysis->judgement;
  const double confidence = judgement.confidence;
  return std::optional<Verdict>({kImageDiffSource, judgement.success ? confidence : 1 - confidence,
                                 DescribeJudgement(options.image_diff, judgement)});
}

std::optional<Verdict> AskFingers(const Episode& episode, const LabelOptions& options) {
  const auto judgement = JudgeOpening(episode, options.opening);
  if (!judgement) return std::nullopt;
  return Verdict{kOpeningSource,
                 judgement->success_probability,
                 {{"min_opening_m", options.opening.min_opening_m},
                  {"min_height_m", options.opening.min_height_m},
                  {"closed", judgement->closed},
                  {"opening_m", judgement->opening_m},
                  {"height_m", judgement->height_m}}};
}

// Empty if the method's own evidence is missing. The vote needs the pictures; fingers that say
// nothing abstain.
Result<std::vector<Verdict>> AskAll(const Episode& episode, const LabelOptions& options) {
  std::vector<Verdict> verdicts;
  if (options.method != Method::kOpening) {
    QT_ASSIGN(std::optional<Verdict> pictures, AskPictures(episode, options));
    if (!pictures) return verdicts;
    verdicts.push_back(*std::move(pictures));
  }
  if (options.method != Method::kImageDiff) {
    std::optional<Verdict> fingers = AskFingers(episode, options);
    if (fingers) verdicts.push_back(*std::move(fingers));
  }
  return verdicts;
}

// Label.config: who said what, and why.
Json Describe(const std::vector<Verdict>& verdicts) {
  if (verdicts.size() == 1) return verdicts[0].details;
  Json votes = Json::object();
  for (const Verdict& verdict : verdicts) {
    Json vote = verdict.details;
    vote["success_probability"] = verdict.success_probability;
    votes[verdict.source] = std::move(vote);
  }
  return {{"votes", std::move(votes)}};
}

}  // namespace

Result<Method> ParseMethod(const std::string& name) {
  if (name == "vote") return Method::kVote;
  if (name == "image_diff") return Method::kImageDiff;
  if (name == "opening") return Method::kOpening;
  return Usage("no labeller is called '" + name + "': vote, image_diff or opening");
}

const char* SourceOf(Method method) {
  switch (method) {
    case Method::kImageDiff:
      return kImageDiffSource;
    case Method::kOpening:
      return kOpeningSource;
    default:
      return kVoteSource;
  }
}

Result<std::optional<Analysis>> AnalyseEvidence(const Episode& episode,
                                                const ImageDiffConfig& config) {
  const EvidenceFrame* before = FindFrame(episode, "before_drop");
  const EvidenceFrame* after = FindFrame(episode, "after_drop");
  if (before == nullptr || after == nullptr) return std::optional<Analysis>();
  QT_ASSIGN(RgbImage before_image, DecodeFrame(episode, *before, config.max_side_px));
  QT_ASSIGN(RgbImage after_image, DecodeFrame(episode, *after, config.max_side_px));
  QT_ASSIGN(Analysis analysis,
            AnalysePair(std::move(before_image), std::move(after_image), episode.camera, config));
  return std::optional<Analysis>(std::move(analysis));
}

Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options) {
  if (!options.relabel && std::any_of(episode.labels.begin(), episode.labels.end(), IsOurs)) {
    return LabelResult{Outcome::kAlready, {}, {}, 0};
  }
  LabelResult result;
  QT_ASSIGN(result.verdicts, AskAll(episode, options));
  if (result.verdicts.empty()) return result;
  const auto least = std::min_element(result.verdicts.begin(), result.verdicts.end(),
                                      [](const Verdict& a, const Verdict& b) {
                                        return a.success_probability < b.success_probability;
                                      });
  const double probability = least->success_probability;
  result.confidence = float(std::max(probability, 1 - probability));
  result.outcome = result.confidence < options.abstain ? Outcome::kAbstained : Outcome::kLabelled;
  Label& label = result.label;
  label.revision = NextRevision(episode);
  label.source = SourceOf(options.method);
  label.config = Describe(result.verdicts).dump();
  label.content_hash = record::ComputeContentHash(episode);
  label.success = least->success();
  label.confidence = result.confidence;
  label.reward = Rewards(label.success, episode.steps.size(), options.step_reward);
  return result;
}

}  // namespace qt::label
