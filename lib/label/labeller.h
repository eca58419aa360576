// The label of one episode: has the evidence judged by every labeller that was asked for, lets them
// vote, and turns the verdict into rewards. May be called from several threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "json/json.h"
#include "label/gripper_view.h"
#include "label/image_diff.h"
#include "label/opening.h"
#include "mdp/episode.h"

namespace qt::label {

inline constexpr char kVoteSource[] = "vote/2";

enum class Method : uint8_t {
  kVote,         // all that have evidence: see ProbabilityOf
  kImageDiff,    // the drop test's pictures alone (paper App. D.3)
  kOpening,      // the fingers alone
  kGripperView,  // the gripper's own pictures alone
};
// vote | image_diff | opening | gripper_view.
Result<Method> ParseMethod(const std::string& name);
const char* SourceOf(Method method);

struct LabelOptions {
  Method method = Method::kVote;
  ImageDiffConfig image_diff;
  OpeningConfig opening;
  GripperViewConfig gripper_view;
  double abstain = 0;          // labels less confident than this are not given
  double step_reward = -0.05;  // paper section 5
  bool relabel = false;        // add a newer label to episodes that qt-label has labelled
};

// What one labeller made of the episode.
struct Verdict {
  std::string source;
  double success_probability = 0;
  Json details;
  bool success() const { return success_probability >= 0.5; }
};

enum class Outcome : uint8_t {
  kLabelled,
  kAlready,     // has a label by qt-label
  kNoEvidence,  // lacks what the method judges by
  kAbstained,   // too close to call
};

struct LabelResult {
  Outcome outcome = Outcome::kNoEvidence;
  Label label;                    // if kLabelled: newer than all labels that are there
  std::vector<Verdict> verdicts;  // of those that ran
  float confidence = 0;           // of the verdict, also if it is withheld
};

// What the verdicts come to together, as a probability of success. What the bin and what the
// gripper's view say is weighed (log odds, each up to what it has been found to be worth); the
// fingers can only take a success away. REQUIRES: at least one.
double ProbabilityOf(const std::vector<Verdict>& verdicts);

// Fails with kCorrupt if a picture cannot be decoded or the two do not match.
Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options);

// The drop test's pictures, judged; nullopt if the episode has none. Fails as LabelEpisode does.
Result<std::optional<Analysis>> AnalyseEvidence(const Episode& episode,
                                                const ImageDiffConfig& config);

// The gripper's own pictures, likewise.
Result<std::optional<GripperAnalysis>> AnalyseGripperView(const Episode& episode,
                                                          const GripperViewConfig& config);

}  // namespace qt::label
