// SPDX-License-Identifier: Apache-2.0
#include "policy/make_policy.h"

#include <utility>

#include "policy/random.h"
#include "policy/remote.h"
#include "policy/scripted.h"

namespace qt::policy {
namespace {

class BuiltInSource : public PolicySource {
 public:
  BuiltInSource(PolicySpec spec, const TaskConfig& task, double epsilon)
      : spec_(std::move(spec)), task_(task), epsilon_(epsilon) {}

  Result<std::unique_ptr<Policy>> NewPolicy() override {
    if (spec_.kind == PolicyKind::kRandom) {
      return WithNoise(std::make_unique<RandomPolicy>(task_), epsilon_, task_);
    }
    return WithNoise(std::make_unique<ScriptedPolicy>(spec_.text, spec_.mixture, task_), epsilon_,
                     task_);
  }

 private:
  PolicySpec spec_;
  TaskConfig task_;
  double epsilon_;
};

class RemoteSource : public PolicySource {
 public:
  RemoteSource(std::unique_ptr<RemoteServer> server, const TaskConfig& task, double epsilon)
      : server_(std::move(server)), task_(task), epsilon_(epsilon) {}

  Result<std::unique_ptr<Policy>> NewPolicy() override {
    return WithNoise(server_->NewPolicy(), epsilon_, task_);
  }

 private:
  std::unique_ptr<RemoteServer> server_;
  TaskConfig task_;
  double epsilon_;
};

bool SameBounds(const TaskConfig& a, const TaskConfig& b) {
  return a.max_dxy_m == b.max_dxy_m && a.max_dz_m == b.max_dz_m && a.max_dyaw_rad == b.max_dyaw_rad;
}

}  // namespace

std::unique_ptr<Policy> WithNoise(std::unique_ptr<Policy> policy, double epsilon,
                                  const TaskConfig& task) {
  if (epsilon <= 0) return policy;
  return std::make_unique<NoisyPolicy>(std::move(policy), epsilon, task);
}

Status CheckTask(const TaskConfig& wanted, const TaskConfig& learned) {
  if (!SameBounds(wanted, learned)) {
    return Failed("the policy has learned other action bounds than this task's");
  }
  if (wanted.termination == learned.termination) return Ok();
  const bool learns = learned.termination == Termination::kLearned;
  return Usage(std::string("the policy has learned with --termination ") +
               (learns ? "learned" : "rule") + ": give the same here");
}

Result<std::unique_ptr<PolicySource>> OpenPolicy(const PolicySpec& spec, const TaskConfig& task,
                                                 double epsilon) {
  if (!spec.is_process()) {
    return std::unique_ptr<PolicySource>(std::make_unique<BuiltInSource>(spec, task, epsilon));
  }
  QT_ASSIGN(std::unique_ptr<RemoteServer> server, StartServer(spec));
  QT_TRY(CheckTask(task, server->hello().task).At(spec.text));
  return std::unique_ptr<PolicySource>(
      std::make_unique<RemoteSource>(std::move(server), task, epsilon));
}

}  // namespace qt::policy
