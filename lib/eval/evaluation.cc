// SPDX-License-Identifier: Apache-2.0
#include "eval/evaluation.h"

#include "policy/policy_spec.h"

namespace qt::eval {

Status CheckPolicies(const EvaluationConfig& config) {
  for (const std::string& spec : config.policies) {
    const Result<policy::PolicySpec> parsed = policy::PolicySpec::Parse(spec);
    if (!parsed.ok()) return Usage("POLICY " + parsed.status().message());
  }
  if (config.against.empty()) return Ok();
  const Result<policy::PolicySpec> parsed = policy::PolicySpec::Parse(config.against);
  return parsed.ok() ? Ok() : Usage("--against " + parsed.status().message());
}

Status CheckSetup(const EvaluationConfig& config, const Setup& setup) {
  std::vector<std::string> specs = config.policies;
  if (!config.against.empty()) specs.push_back(config.against);
  for (const std::string& spec : specs) {
    const Result<policy::PolicySpec> parsed = policy::PolicySpec::Parse(spec);
    if (!setup.cem || (parsed.ok() && parsed->kind == policy::PolicyKind::kFile)) continue;
    return Usage("--cem is the search of a policy file, which '" + spec + "' is not");
  }
  return sim::CheckScene(setup.scene);
}

}  // namespace qt::eval
