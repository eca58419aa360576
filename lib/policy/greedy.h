// SPDX-License-Identifier: Apache-2.0
// The paper's pi_eval (App. B): the action that maximises Q, found by the cross-entropy method.
// The same seed and step give the same search.
#pragma once

#include <memory>
#include <string>

#include "cem/cem.h"
#include "mdp/task.h"
#include "policy/policy.h"
#include "qnet/q_function.h"

namespace qt::policy {

class GreedyPolicy : public Policy {
 public:
  // `name` and `digest` identify the policy behind `q_function`.
  GreedyPolicy(std::shared_ptr<const QFunction> q_function, const CemConfig& cem,
               const TaskConfig& task, std::string name, std::string digest);

  void StartEpisode(uint64_t seed) override { seed_ = seed; }
  // Embeds the observation once, then maximises. Depends on the episode's seed, the observation and
  // its step number only, so steps may be asked in any order. Fails as QFunction::Embed does, and
  // if a Q is not finite.
  Result<Decision> Act(const Observation& observation) override;
  Result<float> ValueOf(const Observation& observation, const Action& action) override;
  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  std::shared_ptr<const QFunction> q_function_;
  CemConfig cem_;
  TaskConfig task_;
  std::string name_, digest_;
  uint64_t seed_ = 0;
};

}  // namespace qt::policy
