// SPDX-License-Identifier: Apache-2.0
// The label of one episode: asks the labellers, lets them vote, and turns the outcome into rewards.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "episodes/episode_writer.h"
#include "label/audit.h"
#include "label/labeller.h"
#include "mdp/episode.h"

namespace qt::label {

inline constexpr char kVote[] = "vote";
inline constexpr char kVoteSource[] = "vote/2";

struct LabelOptions {
  std::string labeller = kVote;  // the name of one judges alone; else all vote
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

// Fails with kCorrupt if what is to be judged cannot be used.
Result<LabelResult> LabelEpisode(const Episode& episode, const LabelOptions& options);

// Episodes in, the same episodes with labels out: one in, one out, in order, in constant memory, on
// any number of threads.

struct FilterStats {
  uint64_t episodes = 0;
  uint64_t labelled = 0;
  uint64_t already_labelled = 0;
  uint64_t without_evidence = 0;
  uint64_t abstained = 0;
  uint64_t undecidable = 0;  // the pictures could not be used
  uint64_t successes = 0;    // of the labelled ones
  Agreement agreement;       // of the labelled ones that have a label of source "sim"
};

using NextEpisode = std::function<Result<std::optional<episodes::StoredEpisode>>()>;
// Called in order, one call at a time, from any thread.
using WriteEpisode = std::function<Status(const episodes::StoredEpisode&, std::span<const Label>)>;
using Watch = std::function<void(const FilterStats&)>;
// Sees what became of an episode that could be judged, before it is written; in order.
using Inspect = std::function<Status(const Episode&, const LabelResult&)>;

// Reads until `next` is at its end or fails, `write` or `inspect` (may be empty) fails, or `stop`
// is set (kInterrupted). An episode that cannot be labelled passes through as it is and is counted;
// `stats` holds the counts in either case. At most 2 * num_threads episodes are in memory.
// REQUIRES: num_threads > 0.
Status FilterEpisodes(const NextEpisode& next, const WriteEpisode& write,
                      const LabelOptions& options, int num_threads, const std::atomic<bool>& stop,
                      const Watch& watch, const Inspect& inspect, FilterStats* stats);

}  // namespace qt::label
