// SPDX-License-Identifier: Apache-2.0
#include "bellman/target.h"

#include <algorithm>

namespace qt::bellman {

Result<StateValue> ValueOf(const RgbView& next_image, const ObservedState& next_state,
                           const QFunction& polyak, const QFunction& lagged, const TaskConfig& task,
                           const CemConfig& cem, RandomStream& rng) {
  QT_ASSIGN(const auto first, polyak.EmbedImage(next_image, next_state));
  const BatchScore score = [&](std::span<const Action> actions, std::span<float> q) {
    polyak.Score(*first, actions, q);
  };
  const CemResult best = MaximizeCem(task, next_state.gripper, cem, score, rng);
  if (&lagged == &polyak) return StateValue{best.q_value, best.q_value};
  QT_ASSIGN(const auto second, lagged.EmbedImage(next_image, next_state));
  float second_value = 0;
  lagged.Score(*second, {&best.action, 1}, {&second_value, 1});
  return StateValue{std::min(best.q_value, second_value), best.q_value};
}

float Target(float reward, bool is_last, float next_value, double discount, float return_floor) {
  const double bootstrap = is_last ? 0.0 : discount * next_value;
  return std::clamp(std::max(static_cast<float>(reward + bootstrap), return_floor), 0.0f, 1.0f);
}

}  // namespace qt::bellman
