// SPDX-License-Identifier: Apache-2.0
// The protocol `disturb`: what each disturbance of the simulator costs a policy.
#include "eval/attempts.h"

namespace qt::eval {
namespace {

class DisturbProtocol : public AttemptProtocol {
 public:
  std::string name() const override { return "disturb"; }
  const char* help() const override { return "each disturbance against none in the same scenes"; }
  RowsAre rows_are() const override { return RowsAre::kDisturbances; }
  std::vector<Refusal> refusals() const override {
    std::vector<Refusal> refusals = RefusalsOfTables(name());
    refusals.push_back(
        {"robot", "--protocol disturb disturbs the simulator; it does not go with --robot"});
    refusals.push_back(
        {"disturb", "--protocol disturb tries every disturbance; it does not go with --disturb"});
    return refusals;
  }

  Result<std::vector<NamedSetup>> Setups(const EvaluationConfig& config) const override {
    std::vector<NamedSetup> setups;
    for (size_t i = 0; i < NamesOf(sim::Disturbance()).size(); ++i) {
      const auto disturb = static_cast<sim::Disturbance>(i);
      if (disturb == sim::Disturbance::kAny) continue;
      setups.push_back({"", config.setup});
      setups.back().setup.scene.disturb = disturb;
    }
    return setups;
  }
};

}  // namespace

std::unique_ptr<Protocol> NewDisturbProtocol() { return std::make_unique<DisturbProtocol>(); }

}  // namespace qt::eval
