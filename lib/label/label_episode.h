// The label of one episode: asks the labellers, lets them vote, and turns the outcome into rewards.
// Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "label/labeller.h"
#include "mdp/episode.h"

namespace qt::label {

inline constexpr char kVote[] = "vote";
inline constexpr char kVoteSource[] = "vote/2";

struct LabelOptions {
  std::string labeller = kVote;  // or the name of one that judges alone
  Labellers labellers;           // with their settings
  double abstain = 0;            // labels less confident than this are not given
  double step_reward = -0.05;    // paper section 5
  bool relabel = false;          // add a newer label to episodes that qt-label has labelled
};

enum class Outcome : uint8_t {
  kLabelled,
  kAlready,     // has a label by qt-label
  kNoEvidence,  // lacks what is judged by
  kAbstained,   // too close to call
};

struct LabelResult {
  Outcome outcome = Outcome::kNoEvidence;
  // If kLabelled: newer than all labels that are there. Its content hash is left to the writer.
  Label label;
  std::vector<Verdict> verdicts;  // of those that could judge, in the order of LabelOptions
  float confidence = 0;           // of the verdict, also if it is withheld
};

// What the verdicts come to together, as a probability of success. Those that have a worth are
// weighed (log odds, each up to its worth), and a single one of them counts as it is; the others
// can only take a success away. REQUIRES: at least one verdict.
double Vote(std::span<const Verdict> verdicts);

// Fails with kCorrupt if what is to be judged cannot be used. REQUIRES: options.labeller is known.
Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options);

}  // namespace qt::label
