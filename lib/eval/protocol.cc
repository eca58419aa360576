// SPDX-License-Identifier: Apache-2.0
#include "eval/protocol.h"

#include <algorithm>

namespace qt::eval {

// Each stands in a file of its own, NAME_protocol.cc.
std::unique_ptr<Protocol> NewGraspProtocol();
std::unique_ptr<Protocol> NewBinProtocol();
std::unique_ptr<Protocol> NewDisturbProtocol();
std::unique_ptr<Protocol> NewRobustProtocol();
std::unique_ptr<Protocol> NewAblateProtocol();
std::unique_ptr<Protocol> NewOfflineProtocol();

// The first one is the default.
Protocols::Protocols() {
  for (const auto make : {NewGraspProtocol, NewBinProtocol, NewDisturbProtocol, NewRobustProtocol,
                          NewAblateProtocol, NewOfflineProtocol}) {
    all_.push_back(make());
  }
  for (const auto& protocol : all_) {
    help_ += (help_.empty() ? "" : "; ") + protocol->name() + ": " + protocol->help();
  }
}

class Protocols::Choice : public TextValue {
 public:
  explicit Choice(Protocols* protocols) : protocols_(*protocols) {}
  Status Parse(std::string_view text) override {
    const std::vector<std::string> names = choices();
    const auto name = std::ranges::find(names, text);
    if (name == names.end()) return NotAChoice(text, names);
    protocols_.chosen_ = size_t(name - names.begin());
    return Ok();
  }
  std::string Text() const override { return protocols_.chosen().name(); }
  std::vector<std::string> choices() const override {
    std::vector<std::string> names;
    for (const auto& protocol : protocols_.all_) names.push_back(protocol->name());
    return names;
  }

 private:
  Protocols& protocols_;
};

Field Protocols::choice() {
  return {"protocol", {"NAME", help_.c_str()}, std::make_shared<Choice>(this), {}};
}

Status Protocols::Check(const EvaluationConfig& config,
                        const std::vector<std::string>& given) const {
  QT_TRY(CheckPolicies(config));
  QT_TRY(CheckCell(config));
  QT_TRY(CheckSetup(config, config.setup));
  QT_TRY(chosen().Check(config));
  for (const Protocol::Refusal& refusal : chosen().refusals()) {
    if (std::ranges::find(given, refusal.setting) != given.end()) return Usage(refusal.why);
  }
  const Protocols defaults;
  for (size_t i = 0; i < all_.size(); ++i) {
    if (i == chosen_) continue;
    if (!DifferencesOf(defaults.all_[i]->fields(), all_[i]->fields()).empty()) {
      return Usage(all_[i]->elsewhere());
    }
  }
  return CheckQuestion(config.question);
}

}  // namespace qt::eval
