// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_spec.h"

#include "policy/released.h"

namespace qt::policy {
namespace {

constexpr std::string_view kScripted = "scripted", kVariant = "scripted:", kRandom = "random";
constexpr std::string_view kSocket = "unix:", kCommand = "exec:";

Status NotAPolicy(const std::string& text) {
  std::string released;
  for (const std::string& name : ReleasedPolicies()) {
    released += (released.empty() ? " (" : ", ") + name;
  }
  return Usage("wants scripted, random, a .safetensors file, a released policy" +
               (released.empty() ? "" : released + ")") + ", unix:PATH or exec:COMMAND, not '" +
               text + "'");
}

}  // namespace

Result<PolicySpec> PolicySpec::Parse(std::string_view text) {
  PolicySpec spec;
  spec.text = text;
  if (text == kScripted || text.starts_with(kVariant)) {
    const std::string variant(text == kScripted ? "" : text.substr(kVariant.size()));
    QT_ASSIGN(spec.mixture, ParseScriptMixture(variant));
  } else if (text == kRandom) {
    spec.kind = PolicyKind::kRandom;
  } else if (text.starts_with(kSocket)) {
    spec.kind = PolicyKind::kSocket;
    spec.place = text.substr(kSocket.size());
    if (spec.place.empty()) return Usage("unix: needs the path of a socket after the colon");
  } else if (text.starts_with(kCommand)) {
    spec.kind = PolicyKind::kCommand;
    spec.place = text.substr(kCommand.size());
    if (spec.place.empty()) return Usage("exec: needs a command after the colon");
  } else {
    spec.kind = PolicyKind::kFile;
    spec.place = PolicyFile(text);
    if (!spec.place.ends_with(kPolicySuffix)) return NotAPolicy(spec.text);
  }
  return spec;
}

}  // namespace qt::policy
