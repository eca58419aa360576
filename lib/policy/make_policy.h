// Makes policies, one for every environment, from what the user typed after --policy.
#pragma once

#include <memory>
#include <string>

#include "mdp/task.h"
#include "policy/policy.h"

namespace qt::policy {

// "scripted", "scripted:uniform|aimed|aligned|noise", "random", or the spec of a policy process:
// a checkpoint FILE.safetensors, "unix:PATH" or "exec:COMMAND" (see policy/remote.h).
// Says what is wrong without starting or opening anything.
Status CheckPolicySpec(const std::string& spec);

// Whether the spec names a process rather than one of the built-in policies.
bool IsRemoteSpec(const std::string& spec);

class PolicySource {
 public:
  virtual ~PolicySource() = default;
  // Thread-safe. The policy must not outlive the source.
  virtual Result<std::unique_ptr<Policy>> NewPolicy() = 0;
};

// Starts the process if there is one; fails if what it has learned is another task. `epsilon` > 0
// wraps every policy in NoisyPolicy.
Result<std::unique_ptr<PolicySource>> OpenPolicy(const std::string& spec, const TaskConfig& task,
                                                 double epsilon);

// Wraps the policy in NoisyPolicy if `epsilon` > 0.
std::unique_ptr<Policy> WithNoise(std::unique_ptr<Policy> policy, double epsilon,
                                  const TaskConfig& task);

// Whether a policy that has learned one task can act in the other: a policy with another action
// space would fail silently.
Status CheckTask(const TaskConfig& wanted, const TaskConfig& learned);

}  // namespace qt::policy
