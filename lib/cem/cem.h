// The cross-entropy method over the mixed action space (paper section 4.2; docs/PAPER.md says how the
// gaps are closed). Knows no network: candidates are scored by a callback.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/random.h"
#include "base/status.h"
#include "mdp/action.h"
#include "mdp/task.h"

namespace qt {

struct CemConfig {
  int num_samples = 64;   // N, paper section 4.2
  int num_elites = 6;     // M
  int num_iterations = 2;
  double initial_std = 0.5;      // of the half range of each axis (the paper is silent)
  double min_variance = 1e-4;    // floor, in units of the half range squared
};

// Parses "64/6/2" (samples/elites/iterations).
Result<CemConfig> ParseCem(const std::string& text);

struct CemResult {
  Action action;
  float q_value = 0;
  float spread = 0;  // standard deviation of the last round's elite scores
};

using BatchScore = std::function<void(std::span<const Action>, std::span<float>)>;

// Gaussian over (dx, dy, dz, dyaw) in units of the bounds, clipped to them; each round holds exactly
// one candidate for each of open, close and (if the task's termination is learned) terminate, the
// rest are motions. The Gaussian is refitted to the motions among the elites (population variance,
// floored). Returns the best candidate of the last round.
// The same (task, config, rng state, score) gives the same result.
CemResult MaximizeCem(const TaskConfig& task, const CemConfig& config, const BatchScore& score,
                      RandomStream& rng);

}  // namespace qt
