#include "label/labeller.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "episodes/episode_writer.h"
#include "label/object_of.h"

namespace qt::label {
namespace {

const EvidenceFrame* FindFrame(const Episode& episode, std::string_view name) {
  const auto found = std::find_if(episode.evidence.begin(), episode.evidence.end(),
                                  [&](const EvidenceFrame& frame) { return frame.name == name; });
  return found == episode.evidence.end() ? nullptr : &*found;
}

struct Pair {
  RgbImage before, after;
};

// nullopt unless both are there.
Result<std::optional<Pair>> DecodePair(const Episode& episode, std::string_view before_name,
                                       std::string_view after_name, int max_side_px) {
  const EvidenceFrame* before = FindFrame(episode, before_name);
  const EvidenceFrame* after = FindFrame(episode, after_name);
  if (before == nullptr || after == nullptr) return std::optional<Pair>();
  Pair pair;
  const auto decode = [&](const EvidenceFrame& frame) {
    return DecodeShrunk(frame.image, max_side_px).In(frame.name).In("episode " + episode.id);
  };
  QT_ASSIGN(pair.before, decode(*before));
  QT_ASSIGN(pair.after, decode(*after));
  return std::optional<Pair>(std::move(pair));
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
  return name == "vote" || name == "image_diff" || name == "opening" || name == "gripper_view";
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
  return Verdict{kOpeningSource, judgement->success_probability,
                 ObjectOf("min_opening_m", options.opening.min_opening_m, "min_height_m",
                          options.opening.min_height_m, "closed", judgement->closed, "opening_m",
                          judgement->opening_m, "height_m", judgement->height_m)};
}

Result<std::optional<Verdict>> AskGripperView(const Episode& episode, const LabelOptions& options) {
  QT_ASSIGN(const std::optional<GripperAnalysis> analysis,
            AnalyseGripperView(episode, options.gripper_view));
  if (!analysis) return std::optional<Verdict>();
  const GripperJudgement& judgement = analysis->judgement;
  const double confidence = judgement.confidence;
  return std::optional<Verdict>({kGripperViewSource,
                                 judgement.success ? confidence : 1 - confidence,
                                 DescribeGripperJudgement(options.gripper_view, judgement)});
}

// Empty if the method's own evidence is missing. The vote needs pictures, of the bin or by the
// gripper; fingers that say nothing abstain.
Result<std::vector<Verdict>> AskAll(const Episode& episode, const LabelOptions& options) {
  std::vector<Verdict> verdicts;
  const auto asks = [&](Method method) {
    return options.method == Method::kVote || options.method == method;
  };
  const auto add = [&](std::optional<Verdict> verdict) {
    if (verdict) verdicts.push_back(*std::move(verdict));
  };
  if (asks(Method::kImageDiff)) {
    QT_ASSIGN(std::optional<Verdict> pictures, AskPictures(episode, options));
    add(std::move(pictures));
  }
  if (asks(Method::kGripperView)) {
    QT_ASSIGN(std::optional<Verdict> view, AskGripperView(episode, options));
    add(std::move(view));
  }
  if (options.method == Method::kVote && verdicts.empty()) return verdicts;
  if (asks(Method::kOpening)) add(AskFingers(episode, options));
  return verdicts;
}

// What a labeller is worth at most beside others: of its verdicts, those that the audit found right
// (docs/LABELS.md).
constexpr double kPicturesWorth = 0.99, kGripperViewWorth = 0.999;

double LogOdds(double probability, double worth) {
  const double p = std::clamp(probability, 1 - worth, worth);
  return std::log(p / (1 - p));
}

const Verdict* FindVerdict(const std::vector<Verdict>& verdicts, std::string_view source) {
  const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&](const Verdict& v) { return v.source == source; });
  return found == verdicts.end() ? nullptr : &*found;
}

std::string DescribeVote(const Verdict& verdict) {
  QT_CHECK(verdict.details.is_object() && !verdict.details.empty(), verdict.source);
  std::string text = json::Dump(verdict.details);
  text.back() = ',';  // the closing brace
  return text + "\"success_probability\":" + json::Dump(verdict.success_probability) + "}";
}

// Label.config: who said what, and why. Put together as text, because copies of the details would
// take longer than all the rest.
std::string Describe(const std::vector<Verdict>& verdicts) {
  if (verdicts.size() == 1) return json::Dump(verdicts[0].details);
  std::string text = "{\"votes\":";
  for (const Verdict& verdict : verdicts) {
    text += &verdict == &verdicts[0] ? '{' : ',';
    text += json::Dump(verdict.source) + ":" + DescribeVote(verdict);
  }
  return text + "}}";
}

}  // namespace

double ProbabilityOf(const std::vector<Verdict>& verdicts) {
  QT_CHECK(!verdicts.empty());
  const Verdict* pictures = FindVerdict(verdicts, kImageDiffSource);
  const Verdict* view = FindVerdict(verdicts, kGripperViewSource);
  const Verdict* fingers = FindVerdict(verdicts, kOpeningSource);
  double probability = 1;
  if (pictures != nullptr && view != nullptr) {
    const double odds = LogOdds(pictures->success_probability, kPicturesWorth) +
                        LogOdds(view->success_probability, kGripperViewWorth);
    probability = 1 / (1 + std::exp(-odds));
  } else if (const Verdict* only = pictures != nullptr ? pictures : view) {
    probability = only->success_probability;
  }
  return fingers == nullptr ? probability : std::min(probability, fingers->success_probability);
}

Result<Method> ParseMethod(const std::string& name) {
  if (name == "vote") return Method::kVote;
  if (name == "image_diff") return Method::kImageDiff;
  if (name == "opening") return Method::kOpening;
  if (name == "gripper_view") return Method::kGripperView;
  return Usage("no labeller is called '" + name + "': vote, image_diff, opening or gripper_view");
}

const char* SourceOf(Method method) {
  switch (method) {
    case Method::kImageDiff:
      return kImageDiffSource;
    case Method::kOpening:
      return kOpeningSource;
    case Method::kGripperView:
      return kGripperViewSource;
    default:
      return kVoteSource;
  }
}

Result<std::optional<Analysis>> AnalyseEvidence(const Episode& episode,
                                                const ImageDiffConfig& config) {
  QT_ASSIGN(std::optional<Pair> pair,
            DecodePair(episode, "before_drop", "after_drop", config.max_side_px));
  if (!pair) return std::optional<Analysis>();
  QT_ASSIGN(Analysis analysis,
            AnalysePair(std::move(pair->before), std::move(pair->after), episode.camera, config)
                .In("episode " + episode.id));
  return std::optional<Analysis>(std::move(analysis));
}

Result<std::optional<GripperAnalysis>> AnalyseGripperView(const Episode& episode,
                                                          const GripperViewConfig& config) {
  QT_ASSIGN(std::optional<Pair> pair,
            DecodePair(episode, "gripper_before", "gripper_after", config.max_side_px));
  if (!pair) return std::optional<GripperAnalysis>();
  QT_ASSIGN(GripperAnalysis analysis,
            AnalyseGripperPair(std::move(pair->before), std::move(pair->after), config)
                .In("episode " + episode.id));
  return std::optional<GripperAnalysis>(std::move(analysis));
}

Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options) {
  if (!options.relabel && std::any_of(episode.labels.begin(), episode.labels.end(), IsOurs)) {
    return LabelResult{Outcome::kAlready, {}, {}, 0};
  }
  LabelResult result;
  QT_ASSIGN(result.verdicts, AskAll(episode, options));
  if (result.verdicts.empty()) return result;
  const double probability = ProbabilityOf(result.verdicts);
  result.confidence = float(std::max(probability, 1 - probability));
  result.outcome = result.confidence < options.abstain ? Outcome::kAbstained : Outcome::kLabelled;
  Label& label = result.label;
  label.revision = NextRevision(episode);
  label.source = SourceOf(options.method);
  label.config = Describe(result.verdicts);
  label.content_hash = episodes::ComputeContentHash(episode);
  label.success = probability >= 0.5;
  label.confidence = result.confidence;
  label.reward = Rewards(label.success, episode.steps.size(), options.step_reward);
  return result;
}

}  // namespace qt::label
