// SPDX-License-Identifier: Apache-2.0
#include "eval/evaluation.h"

#include <algorithm>

#include "policy/policy_spec.h"

namespace qt::eval {

namespace {

std::string FlagOf(const Difference& difference) {
  std::string name = difference.name;
  std::ranges::replace(name, '_', '-');
  if (difference.is_bool) return (difference.texts.front() == "true" ? "--" : "--no-") + name;
  return "--" + name + " " + difference.texts.front();
}

}  // namespace

Status CheckPolicies(const EvaluationConfig& config) {
  for (const std::string& spec : config.policies) {
    const Result<policy::PolicySpec> parsed = policy::PolicySpec::Parse(spec);
    if (!parsed.ok()) return Usage("POLICY " + parsed.status().message());
  }
  if (config.against.empty()) return Ok();
  const Result<policy::PolicySpec> parsed = policy::PolicySpec::Parse(config.against);
  return parsed.ok() ? Ok() : Usage("--against " + parsed.status().message());
}

Status CheckCell(const EvaluationConfig& config) {
  if (config.cell.is_robot()) {
    if (!config.question.sprt || !config.against.empty() || config.cell.label_errors.empty()) {
      return Ok();
    }
    return Usage("--sprt tests the rate as it was judged; it does not go with --label-errors");
  }
  const std::vector<Difference> given = Differences(CellConfig(), config.cell);
  if (given.empty()) return Ok();
  return Usage(FlagOf(given.front()) + " needs --robot exec:COMMAND");
}

Status CheckSetup(const EvaluationConfig& config, const Setup& setup) {
  std::vector<std::string> specs = config.policies;
  if (!config.against.empty()) specs.push_back(config.against);
  for (const std::string& spec : specs) {
    const Result<policy::PolicySpec> parsed = policy::PolicySpec::Parse(spec);
    if (!setup.cem || (parsed.ok() && parsed->kind == policy::PolicyKind::kFile)) continue;
    return Usage("--cem is the search of a policy file, which '" + spec + "' is not");
  }
  if (!config.cell.is_robot()) return sim::CheckScene(setup.scene);
  // A flag that changes nothing would be a lie.
  std::string flags;
  for (const Difference& each : Differences(Setup(), setup)) {
    if (each.name != "cem") flags += " " + FlagOf(each);
  }
  return flags.empty() ? Ok() : Usage("the scene is the robot's: give" + flags + " to its driver");
}

}  // namespace qt::eval
