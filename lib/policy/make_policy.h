// SPDX-License-Identifier: Apache-2.0
// Makes policies, one for every environment, from a spec.
#pragma once

#include <memory>

#include "mdp/task.h"
#include "policy/policy.h"
#include "policy/policy_spec.h"

namespace qt::policy {

class PolicySource {
 public:
  virtual ~PolicySource() = default;
  // Thread-safe. The policy must not outlive the source.
  virtual Result<std::unique_ptr<Policy>> NewPolicy() = 0;
};

// Starts the process if there is one; fails if what it has learned is another task. `epsilon` > 0
// wraps every policy in NoisyPolicy.
Result<std::unique_ptr<PolicySource>> OpenPolicy(const PolicySpec& spec, const TaskConfig& task,
                                                 double epsilon);

// Wraps the policy in NoisyPolicy if `epsilon` > 0.
std::unique_ptr<Policy> WithNoise(std::unique_ptr<Policy> policy, double epsilon,
                                  const TaskConfig& task);

// Whether a policy that has learned one task can act in the other: a policy with another action
// space would fail silently.
Status CheckTask(const TaskConfig& wanted, const TaskConfig& learned);

}  // namespace qt::policy
