// SPDX-License-Identifier: Apache-2.0
// The Bellman target of a transition (paper section 4.1): what the updaters compute.
//
//   y = r + discount * V(s'),   V(s') = min_i Q_i(s', argmax_a Q_1(s', a)),   i = 1, 2
//
// Q_1 is the Polyak average of the trained weights, Q_2 a copy of Q_1 as it was some thousand steps
// earlier (clipped double Q-learning); the argmax is found by CEM.
#pragma once

#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "cem/cem.h"
#include "image/image.h"
#include "mdp/observation.h"
#include "mdp/task.h"
#include "qnet/q_function.h"

namespace qt::bellman {

struct StateValue {
  float value = 0;        // min over both networks
  float first_value = 0;  // of Q_1, for the metrics: the gap is what clipping takes away
};

// Next states, and the search of each for the best action there.
struct NextStates {
  std::vector<RgbView> images;
  std::vector<ObservedState> states;
  std::vector<CemSearch> searches;

  // Draws what the search needs, so that V is the same whatever other states are here.
  void Add(const RgbView& image, const ObservedState& state, const TaskConfig& task,
           const CemConfig& cem, RandomStream& rng);
};

// V(s') of each. Fails if a state cannot be embedded. The same network twice: V is its maximum.
Result<std::vector<StateValue>> ValuesOf(NextStates next, const QFunction& polyak,
                                         const QFunction& lagged);

// y, clipped to [0, 1]: total returns lie there (paper section 4.1), a step penalty could leave it.
// `return_floor` is a lower bound on the value, for example the Monte Carlo return of an episode
// that went on from here; pass 0 for none.
float Target(float reward, bool is_last, float next_value, double discount, float return_floor);

}  // namespace qt::bellman
