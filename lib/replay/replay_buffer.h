// SPDX-License-Identifier: Apache-2.0
// The replay buffers: labelled episodes, decoded once, under one byte cap (paper section 4.3, App.
// F.5). The offline buffer holds what log replay has read, the online buffer what came in while
// training went on. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "image/image.h"
#include "mdp/episode.h"
#include "mdp/task.h"

namespace qt::replay {

// One labelled episode, decoded. Immutable once stored.
struct ReplayEpisode {
  std::string id;
  bool success = false;
  std::vector<RgbImage> images;  // one for each state
  std::vector<ObservedState> states;
  std::vector<Action> actions;
  std::vector<uint32_t> human_steps;  // that a person took, in order
  std::vector<float> rewards;
  std::vector<float> returns;                // discounted Monte Carlo return from each step on
  uint64_t bytes = 0;                        // of memory held
  mutable std::atomic<bool> evicted{false};  // the buffer has let go of it; set once
};

using EpisodePtr = std::shared_ptr<const ReplayEpisode>;

// Decodes an episode under the chosen label. `step_reward` replaces the label's reward of every
// step but the last. Fails if it has no steps, no such label, or a reward for each step is missing;
// the status carries no path (the caller knows it).
Result<EpisodePtr> MakeReplayEpisode(const Episode& episode, const std::string& label_source,
                                     const TaskConfig& task,
                                     std::optional<double> step_reward = {});

// A transition (s_t, a, r, s_next). `next` == number of steps means that the episode ends.
struct Transition {
  Action action;
  float reward = 0;
  uint32_t next = 0;
};

// The transitions that start at step t: the recorded one, and, with `compose`, the single motions
// that would have led straight to a later state: while nothing but motions was commanded and the
// gripper went where it was told, consecutive displacements add up (docs/PAPER.md, hindsight
// composition). At most max_transitions, the recorded one first.
std::vector<Transition> TransitionsAt(const ReplayEpisode& episode, uint32_t t,
                                      const TaskConfig& task, bool compose, size_t max_transitions);

struct Sample {
  EpisodePtr episode;
  uint32_t t = 0;
};

enum class Origin : uint8_t { kOffline, kOnline };  // which buffer

// How a step is drawn.
struct DrawRule {
  // Share of draws that take a success or a failure with equal chance (where both exist), instead
  // of any episode.
  double balance = 0;
  // Share of draws from the online buffer, once both hold something; 0: all episodes alike.
  double online_share = 0;
  // A step that a person took is as likely as so many others of its episode.
  double intervention_weight = 1;
};

struct BufferCounts {
  size_t episodes = 0, steps = 0, successes = 0;
  uint64_t bytes = 0;
};

// Both buffers. Thread-safe.
class ReplayBuffer {
 public:
  // `due` is the rule that the draws end up with. When the cap is reached, the least useful episode
  // goes: of the buffer that holds more than its due share, of the outcome that is more common
  // there (balanced draws see each of its episodes less often), the oldest.
  explicit ReplayBuffer(uint64_t max_bytes, const DrawRule& due = {})
      : max_bytes_(max_bytes), due_(due) {}

  void Add(EpisodePtr episode, Origin origin = Origin::kOffline);

  // A step drawn at random. See DrawRule. REQUIRES: size() > 0.
  Sample Draw(const DrawRule& rule, RandomStream& rng) const;
  // The share of draws that the online buffer gets by this rule.
  double OnlineShare(const DrawRule& rule) const;
  // All episodes: the offline ones, oldest first, then the online ones.
  std::vector<EpisodePtr> Episodes() const;

  BufferCounts counts(Origin origin) const;
  BufferCounts counts() const;  // of both
  size_t size() const { return counts().episodes; }
  uint64_t bytes() const { return counts().bytes; }
  uint64_t max_bytes() const { return max_bytes_; }
  size_t num_evicted() const;

 private:
  struct Pool {
    std::deque<EpisodePtr> all, successes, failures;  // each oldest first
    size_t steps = 0;
    uint64_t bytes = 0;
  };
  double ShareOf(const DrawRule& rule) const;
  Pool& PoolToShrink();
  void EvictFrom(Pool& pool);
  uint64_t TotalBytes() const;
  size_t NumEpisodes() const;

  mutable std::mutex mutex_;
  const uint64_t max_bytes_;
  const DrawRule due_;
  size_t num_evicted_ = 0;
  std::array<Pool, 2> pools_;  // by Origin
};

}  // namespace qt::replay
