// SPDX-License-Identifier: Apache-2.0
#include "policy/greedy.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/check.h"

namespace qt::policy {
namespace {

bool AreFinite(std::span<const float> q) {
  return std::ranges::all_of(q, [](float value) { return std::isfinite(value); });
}

// An action that was chosen among such values is a random one.
Status NotFinite() { return Failed("Q of this observation is not a finite number"); }

}  // namespace

GreedyPolicy::GreedyPolicy(std::shared_ptr<const QFunction> q_function, const CemConfig& cem,
                           const TaskConfig& task, std::string name, std::string digest)
    : q_function_(std::move(q_function)),
      cem_(cem),
      task_(task),
      name_(std::move(name)),
      digest_(std::move(digest)) {
  QT_CHECK(q_function_ != nullptr);
}

Result<Decision> GreedyPolicy::Act(const Observation& observation) {
  QT_ASSIGN(const std::unique_ptr<EmbeddedState> state, q_function_->Embed(observation));
  RandomStream rng(seed_, "cem", observation.step);
  bool finite = true;
  const BatchScore score = [&](std::span<const Action> actions, std::span<float> q) {
    q_function_->Score(*state, actions, q);
    finite = finite && AreFinite(q);
  };
  const CemResult best = MaximizeCem(task_, observation.gripper, cem_, score, rng);
  if (!finite) return NotFinite();
  return Decision{best.action, best.q_value, best.spread, ActionSource::kGreedy};
}

Result<float> GreedyPolicy::ValueOf(const Observation& observation, const Action& action) {
  QT_ASSIGN(const std::unique_ptr<EmbeddedState> state, q_function_->Embed(observation));
  float q = 0;
  q_function_->Score(*state, std::span(&action, 1), std::span(&q, 1));
  if (!std::isfinite(q)) return NotFinite();
  return q;
}

}  // namespace qt::policy
