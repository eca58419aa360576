// The log-replay buffer: labelled episodes, decoded once, under a byte cap (paper section 4.3,
// App. F.5: offline buffer). Oldest episodes go first. Filled by qt-train, read by the Bellman
// updaters.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/task.h"

namespace qt::replay {

// One labelled episode with decoded images (ImageEncoding::kRgb8). Immutable once stored.
struct ReplayEpisode {
  std::string id;
  bool success = false;
  std::vector<Observation> observations;
  std::vector<Action> actions;
  std::vector<float> rewards;
  std::vector<float> returns;  // discounted Monte Carlo return from each step on
  uint64_t bytes = 0;          // of memory held
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

// Thread-safe.
class ReplayBuffer {
 public:
  explicit ReplayBuffer(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  void Add(EpisodePtr episode);

  // A step drawn at random: with probability `balance` the episode is a success or a failure with
  // equal chance (where both exist), else any. Steps of an episode are equally likely.
  // REQUIRES: size() > 0.
  Sample Draw(double balance, RandomStream& rng) const;
  // All episodes, oldest first.
  std::vector<EpisodePtr> Episodes() const;

  size_t size() const;
  size_t num_steps() const;
  size_t num_successes() const;
  uint64_t bytes() const;
  size_t num_evicted() const;

 private:
  void EvictOldest();

  mutable std::mutex mutex_;
  uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  size_t num_steps_ = 0, num_evicted_ = 0;
  std::deque<EpisodePtr> all_, successes_, failures_;  // each oldest first
};

}  // namespace qt::replay
