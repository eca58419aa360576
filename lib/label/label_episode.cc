#include "label/label_episode.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "json/json.h"

namespace qt::label {
namespace {

// The newest label is the default one (ChooseLabel), also against the simulator's truth.
uint32_t NextRevision(const Episode& episode) {
  uint32_t revision = 0;
  for (const Label& label : episode.labels) revision = std::max(revision, label.revision + 1);
  return revision;
}

// By any version of any of our labellers, or of their vote.
bool HasOurLabel(const Episode& episode, const Labellers& labellers) {
  return std::any_of(episode.labels.begin(), episode.labels.end(), [&](const Label& label) {
    const std::string_view name = std::string_view(label.source).substr(0, label.source.find('/'));
    return name == kVote || labellers.Find(name) != nullptr;
  });
}

bool HasWorth(const Verdict& verdict) { return verdict.worth > 0; }

// Empty if the evidence is missing. A vote needs somebody who can speak for a success.
Result<std::vector<Verdict>> Ask(const Episode& episode, const LabelOptions& options) {
  const bool vote = options.labeller == kVote;
  std::vector<Verdict> verdicts;
  for (const auto& labeller : options.labellers.all()) {
    if (!vote && labeller->name() != options.labeller) continue;
    QT_ASSIGN(std::optional<Verdict> verdict, labeller->Judge(episode));
    if (verdict) verdicts.push_back(*std::move(verdict));
  }
  if (vote && std::none_of(verdicts.begin(), verdicts.end(), HasWorth)) verdicts.clear();
  return verdicts;
}

double LogOdds(double probability, double worth) {
  const double p = std::clamp(probability, 1 - worth, worth);
  return std::log(p / (1 - p));
}

// Label.config: who said what, and why. Put together as text, because copies of the details would
// take longer than all the rest.
std::string Describe(const std::vector<Verdict>& verdicts) {
  if (verdicts.size() == 1) return verdicts[0].details;
  std::string text = "{\"votes\":";
  for (const Verdict& verdict : verdicts) {
    text += &verdict == &verdicts[0] ? '{' : ',';
    QT_CHECK(verdict.details.size() > 2 && verdict.details.back() == '}', verdict.source);
    text += json::Dump(verdict.source) + ":" + verdict.details;
    text.back() = ',';  // the closing brace
    text += "\"success_probability\":" + json::Dump(verdict.success_probability) + "}";
  }
  return text + "}}";
}

std::string SourceOf(const LabelOptions& options) {
  if (options.labeller == kVote) return kVoteSource;
  const Labeller* labeller = options.labellers.Find(options.labeller);
  QT_CHECK(labeller != nullptr, options.labeller);
  return std::string(labeller->source());
}

}  // namespace

double Vote(std::span<const Verdict> verdicts) {
  QT_CHECK(!verdicts.empty());
  double odds = 0, probability = 1;
  const auto weighed = std::count_if(verdicts.begin(), verdicts.end(), HasWorth);
  for (const Verdict& verdict : verdicts) {
    if (!HasWorth(verdict)) continue;
    odds += LogOdds(verdict.success_probability, verdict.worth);
    probability = weighed == 1 ? verdict.success_probability : 1 / (1 + std::exp(-odds));
  }
  for (const Verdict& verdict : verdicts) {
    if (!HasWorth(verdict)) probability = std::min(probability, verdict.success_probability);
  }
  return probability;
}

Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options) {
  LabelResult result;
  if (!options.relabel && HasOurLabel(episode, options.labellers)) {
    result.outcome = Outcome::kAlready;
    return result;
  }
  QT_ASSIGN(result.verdicts, Ask(episode, options));
  if (result.verdicts.empty()) return result;
  const double probability = Vote(result.verdicts);
  result.confidence = float(std::max(probability, 1 - probability));
  result.outcome = result.confidence < options.abstain ? Outcome::kAbstained : Outcome::kLabelled;
  Label& label = result.label;
  label.revision = NextRevision(episode);
  label.source = SourceOf(options);
  label.config = Describe(result.verdicts);
  label.success = probability >= 0.5;
  label.confidence = result.confidence;
  label.reward = Rewards(label.success, episode.steps.size(), options.step_reward);
  return result;
}

}  // namespace qt::label
