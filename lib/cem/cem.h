// SPDX-License-Identifier: Apache-2.0
// The cross-entropy method over the mixed action space (paper section 4.2; docs/PAPER.md says how
// the gaps are closed). Knows no network: candidates are scored by a callback.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "mdp/action.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt {

struct CemConfig {
  int num_samples = 64;  // N, paper section 4.2
  int num_elites = 6;    // M
  int num_iterations = 2;
  double initial_std = 0.5;    // of the half range of each axis (the paper is silent)
  double min_variance = 1e-4;  // floor, in units of the half range squared

  // "64/6/2": samples, elites, iterations.
  static Result<CemConfig> Parse(std::string_view text);
  std::string ToString() const;
};

struct CemResult {
  Action action;
  float q_value = 0;
  float spread = 0;  // standard deviation of the last round's elite scores
};

using BatchScore = std::function<void(std::span<const Action>, std::span<float>)>;

// The box of motions that a gripper pose allows: the task's bounds cut to the workspace, so that no
// candidate is wasted on a place the gripper cannot go to. Axes: dx, dy, dz (m), dyaw (rad).
struct MotionBox {
  std::array<double, 4> low;
  std::array<double, 4> high;
};
MotionBox MotionBoxOf(const TaskConfig& task, const GripperState& gripper);

// One search, a round at a time, so that the candidates of several can be scored together:
//
//   while (!search.done()) { score(search.candidates(), q); search.Take(q); }
//
// Gaussian over the motions in units of the box's half widths, clipped to it; each round holds
// exactly one candidate for each of open, close and (if the task's termination is learned)
// terminate, the rest are motions. The Gaussian is refitted to the motions among the elites
// (population variance, floored). All that is random is drawn at the start, so that a search keeps
// its draws whatever its company.
class CemSearch {
 public:
  CemSearch(const TaskConfig& task, const GripperState& gripper, const CemConfig& config,
            RandomStream& rng);

  bool done() const { return round_ == config_.num_iterations; }
  std::span<const Action> candidates() const { return actions_; }  // config.num_samples of them
  // q: one for each candidate. REQUIRES: not done().
  void Take(std::span<const float> q);
  // The best candidate of the last round that was taken.
  const CemResult& result() const { return result_; }

 private:
  static constexpr int kAxes = 4;
  using Unit = std::array<double, kAxes>;  // a motion in units of the box: [-1, 1] on each axis

  size_t num_motions() const { return actions_.size() - num_discrete_; }
  void Propose();
  void Refit(std::span<const size_t> elites);

  CemConfig config_;
  MotionBox box_;
  std::vector<Unit> noise_;  // standard normal, of all motions of all rounds
  int round_ = 0;
  Unit mean_{}, std_{};
  size_t num_discrete_;          // they come first
  std::vector<Action> actions_;  // of this round
  std::vector<Unit> units_;      // of its motions
  CemResult result_;
};

// A whole search. The same (task, gripper, config, rng state, score) gives the same result.
CemResult MaximizeCem(const TaskConfig& task, const GripperState& gripper, const CemConfig& config,
                      const BatchScore& score, RandomStream& rng);

}  // namespace qt
