#include "eval/evaluation.h"

#include "policy/make_policy.h"
#include "policy/server_link.h"

namespace qt::eval {

Status CheckPolicies(const EvaluationConfig& config) {
  for (const std::string& spec : config.policies) QT_TRY(policy::CheckPolicySpec(spec));
  return config.against.empty() ? Ok() : policy::CheckPolicySpec(config.against);
}

Status CheckSetup(const EvaluationConfig& config, const Setup& setup) {
  std::vector<std::string> specs = config.policies;
  if (!config.against.empty()) specs.push_back(config.against);
  for (const std::string& spec : specs) {
    if (!setup.cem || policy::IsCheckpoint(spec)) continue;
    return Usage("--cem is the search of a policy file, which '" + spec + "' is not");
  }
  return sim::CheckScene(setup.scene);
}

}  // namespace qt::eval
