// SPDX-License-Identifier: Apache-2.0
#include "bellman/target.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace qt::bellman {

namespace {

// A round of all searches.
void ScoreRound(const QFunction& q_function, std::span<const std::unique_ptr<EmbeddedState>> states,
                std::vector<CemSearch>& searches) {
  std::vector<Action> actions;
  for (const CemSearch& search : searches) {
    actions.insert(actions.end(), search.candidates().begin(), search.candidates().end());
  }
  std::vector<float> q(actions.size());
  q_function.ScoreAll(states, actions, q);
  const size_t each = actions.size() / searches.size();
  for (size_t b = 0; b < searches.size(); ++b) searches[b].Take({&q[b * each], each});
}

}  // namespace

void NextStates::Add(const RgbView& image, const ObservedState& state, const TaskConfig& task,
                     const CemConfig& cem, RandomStream& rng) {
  images.push_back(image);
  states.push_back(state);
  searches.emplace_back(task, state.gripper, cem, rng);
}

Result<std::vector<StateValue>> ValuesOf(NextStates next, const QFunction& polyak,
                                         const QFunction& lagged) {
  if (next.states.empty()) return std::vector<StateValue>{};
  QT_ASSIGN(const auto first, polyak.EmbedImages(next.images, next.states));
  while (!next.searches[0].done()) ScoreRound(polyak, first, next.searches);
  std::vector<StateValue> values;
  std::vector<Action> best;
  for (const CemSearch& search : next.searches) {
    values.push_back({search.result().q_value, search.result().q_value});
    best.push_back(search.result().action);
  }
  if (&lagged == &polyak) return values;
  QT_ASSIGN(const auto second, lagged.EmbedImages(next.images, next.states));
  std::vector<float> q(best.size());
  lagged.ScoreAll(second, best, q);
  for (size_t b = 0; b < q.size(); ++b) values[b].value = std::min(values[b].value, q[b]);
  return values;
}

float Target(float reward, bool is_last, float next_value, double discount, float return_floor) {
  const double bootstrap = is_last ? 0.0 : discount * next_value;
  return std::clamp(std::max(static_cast<float>(reward + bootstrap), return_floor), 0.0f, 1.0f);
}

}  // namespace qt::bellman
