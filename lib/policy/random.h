// SPDX-License-Identifier: Apache-2.0
// Actions without aim: the `random` policy, the random actions of the exploration noise, and the
// wrapper that mixes those into any policy (paper App. B, pi_noisy).
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "mdp/task.h"
#include "policy/policy.h"

namespace qt::policy {

// Uniform over the action box: a motion with probability 3/4, otherwise one of open, close and
// (where termination is learned) terminate, equally likely.
Action UniformAction(const TaskConfig& task, RandomStream& rng);

// The paper's random action (App. B): a Gaussian pose change (75 %), the gripper toggled (17 %),
// terminate (8 %). Under Termination::kRule terminating is no action, and its share goes to the
// other two in proportion. The Gaussian's deviation is half of each bound (the paper gives none);
// it is clipped to the bounds.
Action NoiseAction(const TaskConfig& task, const GripperState& gripper, RandomStream& rng);

class RandomPolicy : public Policy {
 public:
  explicit RandomPolicy(const TaskConfig& task) : task_(task) {}
  void StartEpisode(uint64_t seed) override { rng_ = RandomStream(seed, "random"); }
  Result<Decision> Act(const Observation& observation) override;
  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  TaskConfig task_;
  RandomStream rng_{0};
  std::string name_ = "random";
  std::string digest_;
};

// With probability epsilon a NoiseAction instead of the inner policy's, which then is not asked.
class NoisyPolicy : public Policy {
 public:
  NoisyPolicy(std::unique_ptr<Policy> inner, double epsilon, const TaskConfig& task);
  void StartEpisode(uint64_t seed) override;
  Result<Decision> Act(const Observation& observation) override;
  const std::string& name() const override { return inner_->name(); }
  const std::string& digest() const override { return inner_->digest(); }

 private:
  std::unique_ptr<Policy> inner_;
  double epsilon_;
  TaskConfig task_;
  RandomStream rng_{0};
};

}  // namespace qt::policy
