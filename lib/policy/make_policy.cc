#include "policy/make_policy.h"

#include <string_view>
#include <utility>

#include "policy/random.h"
#include "policy/remote.h"
#include "policy/scripted.h"

namespace qt::policy {
namespace {

constexpr std::string_view kScripted = "scripted";
constexpr std::string_view kRandom = "random";
constexpr std::string_view kModelSuffix = ".safetensors";

bool IsScripted(const std::string& spec) {
  return spec == kScripted || spec.starts_with("scripted:");
}

std::string VariantOf(const std::string& spec) {
  return spec == kScripted ? "" : spec.substr(kScripted.size() + 1);
}

class BuiltInSource : public PolicySource {
 public:
  BuiltInSource(std::string spec, const TaskConfig& task, double epsilon)
      : spec_(std::move(spec)), task_(task), epsilon_(epsilon) {}

  Result<std::unique_ptr<Policy>> NewPolicy() override {
    if (spec_ == kRandom) return WithNoise(std::make_unique<RandomPolicy>(task_), epsilon_, task_);
    QT_ASSIGN(const ScriptMixture mixture, ParseScriptMixture(VariantOf(spec_)));
    return WithNoise(std::make_unique<ScriptedPolicy>(spec_, mixture, task_), epsilon_, task_);
  }

 private:
  std::string spec_;
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

bool IsRemoteSpec(const std::string& spec) { return !IsScripted(spec) && spec != kRandom; }

Status CheckPolicySpec(const std::string& spec) {
  if (spec == kRandom) return Ok();
  if (IsScripted(spec)) {
    const Result<ScriptMixture> mixture = ParseScriptMixture(VariantOf(spec));
    return mixture.ok() ? Ok() : mixture.status();
  }
  if (spec == "exec:") return Usage("--policy exec: needs a command after the colon");
  if (spec == "unix:") return Usage("--policy unix: needs the path of a socket after the colon");
  if (spec.starts_with("exec:") || spec.starts_with("unix:") || spec.ends_with(kModelSuffix)) {
    return Ok();
  }
  return Usage("unknown policy '" + spec +
               "': give scripted, random, a .safetensors file, unix:PATH or exec:COMMAND");
}

Result<std::unique_ptr<PolicySource>> OpenPolicy(const std::string& spec, const TaskConfig& task,
                                                 double epsilon) {
  QT_TRY(CheckPolicySpec(spec));
  if (!IsRemoteSpec(spec)) {
    return std::unique_ptr<PolicySource>(std::make_unique<BuiltInSource>(spec, task, epsilon));
  }
  QT_ASSIGN(std::unique_ptr<RemoteServer> server, StartServer(spec));
  QT_TRY(CheckTask(task, server->hello().task).At(spec));
  return std::unique_ptr<PolicySource>(
      std::make_unique<RemoteSource>(std::move(server), task, epsilon));
}

}  // namespace qt::policy
