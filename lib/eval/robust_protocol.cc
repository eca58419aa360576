// SPDX-License-Identifier: Apache-2.0
// The protocol `robust`: what each thing that may be otherwise in another cell costs a policy, one
// at a time, in the same scenes: its pictures, its camera, its physics.
#include <algorithm>

#include "eval/attempts.h"

namespace qt::eval {
namespace {

// As strong as a careful user's cell may differ from the one that a policy was trained for.
const FlagValue kConditions[] = {
    {"looks", "strong"},      {"looks", "textured"},  {"light", "0.5"},
    {"light", "1.6"},         {"shadows", "true"},    {"camera-hue-deg", "120"},
    {"camera-blur", "1"},     {"camera-noise", "10"}, {"jpeg-quality", "25"},
    {"camera-jitter", "3"},   {"camera-error", "1"},  {"arm", "iiwa"},
    {"object-mass", "3"},     {"friction", "0.6"},    {"grip-force", "0.5"},
    {"action-delay-s", "0.3"}};

class RobustProtocol : public AttemptProtocol {
 public:
  std::string name() const override { return "robust"; }
  const char* help() const override {
    return "each change of looks, light, pictures, camera, physics and timing against none in the "
           "same scenes";
  }
  RowsAre rows_are() const override { return RowsAre::kConditions; }
  std::vector<Refusal> refusals() const override {
    std::vector<Refusal> refusals = RefusalsOfTables(name());
    for (const FlagValue& condition : kConditions) {
      std::string setting = condition.flag;
      std::ranges::replace(setting, '-', '_');
      refusals.push_back({setting, "--protocol robust tries --" + condition.flag +
                                       " itself; compare others with --protocol ablate --vary"});
    }
    refusals.push_back(
        {"robot", "--protocol robust changes the simulated scene; it does not go with --robot"});
    return refusals;
  }

  Result<std::vector<NamedSetup>> Setups(const EvaluationConfig& config) const override {
    std::vector<NamedSetup> setups = {{"", config.setup}};
    for (const FlagValue& condition : kConditions) {
      QT_ASSIGN(NamedSetup setup, SetupWith(config, {condition}));
      setups.push_back(std::move(setup));
    }
    return setups;
  }
};

}  // namespace

std::unique_ptr<Protocol> NewRobustProtocol() { return std::make_unique<RobustProtocol>(); }

}  // namespace qt::eval
