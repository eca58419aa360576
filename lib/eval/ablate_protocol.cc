// SPDX-License-Identifier: Apache-2.0
// The protocol `ablate`: policies, settings, or both, in the same scenes, each against the first.
#include "eval/attempts.h"
#include "eval/vary.h"

namespace qt::eval {

struct AblateConfig {
  std::vector<std::string> vary;
};
template <class V>
void Visit(V&& visit, AblateConfig& c) {
  visit("vary", c.vary,
        {"NAME=VALUE|VALUE...",
         "a row for each value of a flag of the scenes, or of --cem; several make every "
         "combination"});
}

namespace {

class AblateProtocol : public AttemptProtocol {
 public:
  std::string name() const override { return "ablate"; }
  const char* help() const override {
    return "several policies, or settings, against the first one in the same scenes";
  }
  std::vector<Field> fields() override { return FieldsOf(config_); }
  const char* elsewhere() const override { return "--vary makes the rows of --protocol ablate"; }
  RowsAre rows_are() const override { return RowsAre::kPolicies; }
  std::vector<Refusal> refusals() const override { return RefusalsOfTables(name()); }

  Status Check(const EvaluationConfig& config) const override {
    QT_TRY(AttemptProtocol::Check(config));
    if (config.policies.empty() || (config.policies.size() < 2 && config_.vary.empty())) {
      return Usage(
          "--protocol ablate compares policies or settings: give two POLICYs or more, or --vary");
    }
    return Setups(config).status();
  }

  Result<std::vector<NamedSetup>> Setups(const EvaluationConfig& config) const override {
    QT_ASSIGN(const std::vector<FlagValues> combinations, CombinationsOf(config_.vary));
    std::vector<NamedSetup> setups;
    for (const FlagValues& values : combinations) {
      Result<NamedSetup> setup = SetupWith(config, values);
      if (!setup.ok()) return Usage("--vary: " + setup.status().message());
      setups.push_back(std::move(*setup));
    }
    return setups;
  }

 private:
  AblateConfig config_;
};

}  // namespace

std::unique_ptr<Protocol> NewAblateProtocol() { return std::make_unique<AblateProtocol>(); }

}  // namespace qt::eval
