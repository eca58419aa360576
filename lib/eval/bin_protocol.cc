// SPDX-License-Identifier: Apache-2.0
// The protocol `bin` (paper section 6.1, bin emptying): many attempts at each bin, out of which
// goes what was grasped.
#include <algorithm>
#include <map>

#include "eval/attempts.h"
#include "json/json.h"

namespace qt::eval {

struct BinConfig {
  int bins = 5, attempts = 30, bin_objects = 28;
};
template <class V>
void Visit(V&& visit, BinConfig& c) {
  visit("bins", c.bins, {"N", "how many bins", 1, 1e6});
  visit("attempts", c.attempts, {"N", "attempts at each bin", 1, 1e6});
  visit("bin_objects", c.bin_objects, {"N", "objects in a full bin", 1, 32});
}

namespace {

class BinProtocol : public AttemptProtocol {
 public:
  std::string name() const override { return "bin"; }
  const char* help() const override { return "emptying bins, out of which goes what was grasped"; }
  std::vector<Field> fields() override { return FieldsOf(config_); }
  const char* elsewhere() const override {
    return "--bins, --attempts and --bin-objects are for --protocol bin";
  }
  std::vector<Refusal> refusals() const override {
    const char* const depend =
        "the attempts at one bin depend on each other; --until and --sprt do not go with "
        "--protocol bin";
    return {{"against", "--against compares single attempts; it does not go with --protocol bin"},
            {"robot",
             "--protocol bin takes out what was grasped, which a driver is not told; it does not "
             "go with --robot"},
            {"record", "--record keeps drop tests, which --protocol bin does not make"},
            {"until", depend},
            {"sprt", depend}};
  }

  Result<std::vector<NamedSetup>> Setups(const EvaluationConfig& config) const override {
    NamedSetup full{"", config.setup};
    full.setup.scene.min_objects = full.setup.scene.max_objects = config_.bin_objects;
    full.setup.scene.remove_held = true;
    return std::vector{full};
  }
  GraspConfig Attempts(const EvaluationConfig& config) const override {
    GraspConfig attempts{config.collect, config_.bin_objects};
    attempts.collect.swap_every = config_.attempts;
    attempts.collect.num_episodes = uint64_t(config_.bins) * uint64_t(config_.attempts);
    return attempts;
  }

  void AddTo(const Report& report, Json* json) const override {
    Json first = Json::array();
    for (const int attempts : FirstAttempts()) {
      const stats::Rate rate = SuccessOfFirst(report, attempts);
      first.push_back({{"attempts", attempts},
                       {"episodes", rate.total},
                       {"count", rate.successes},
                       {"rate", rate.total > 0 ? Json(rate.rate) : Json(nullptr)},
                       {"interval", ToJson(rate.interval)}});
    }
    (*json)["bin"] = {{"objects", config_.bin_objects},
                      {"attempts", config_.attempts},
                      {"emptied", NumEmptied(report)},
                      {"first", std::move(first)}};
  }
  std::string MoreText(const Report& report) const override {
    std::string text;
    for (const int attempts : FirstAttempts()) {
      const stats::Rate rate = SuccessOfFirst(report, attempts);
      text += "first " + std::to_string(attempts) + " attempts at each bin: " + Percent(rate.rate) +
              " of " + std::to_string(rate.total) + ", " + Span(rate.interval) + "\n";
    }
    return text + "bins of " + std::to_string(config_.bin_objects) +
           " emptied: " + std::to_string(NumEmptied(report)) + "\n";
  }

 private:
  // How many first attempts at a bin are told of: the paper's columns that this run has, and all.
  std::vector<int> FirstAttempts() const {
    std::vector<int> counts;
    for (const int count : {10, 20, 30}) {
      if (count < config_.attempts) counts.push_back(count);
    }
    counts.push_back(config_.attempts);
    return counts;
  }

  stats::Rate SuccessOfFirst(const Report& report, int attempts) const {
    uint64_t successes = 0, total = 0;
    for (const Outcome& outcome : report.rows[0].result.outcomes) {
      if (outcome.index % uint64_t(config_.attempts) >= uint64_t(attempts)) continue;
      ++total;
      successes += outcome.success;
    }
    return stats::MakeRate(successes, total, report.confidence());
  }

  // Bins out of which everything was taken.
  uint64_t NumEmptied(const Report& report) const {
    std::map<uint64_t, int> taken_out;
    for (const Outcome& outcome : report.rows[0].result.outcomes) {
      taken_out[outcome.index / uint64_t(config_.attempts)] += outcome.success;
    }
    return uint64_t(std::ranges::count_if(
        taken_out, [this](const auto& bin) { return bin.second == config_.bin_objects; }));
  }

  BinConfig config_;
};

}  // namespace

std::unique_ptr<Protocol> NewBinProtocol() { return std::make_unique<BinProtocol>(); }

}  // namespace qt::eval
