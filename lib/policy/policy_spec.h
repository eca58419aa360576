// SPDX-License-Identifier: Apache-2.0
// Which policy acts, as settings name it: one of ours, or a process that is asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "policy/scripted.h"

namespace qt::policy {

enum class PolicyKind : uint8_t {
  kScripted,  // "scripted", "scripted:uniform|aimed|aligned|noise"
  kRandom,    // "random"
  kFile,      // FILE.safetensors, or the name of a released one: qt-serve is started for it
  kSocket,    // "unix:PATH" of a policy server
  kCommand,   // "exec:COMMAND" that speaks the policy protocol
};

struct PolicySpec {
  PolicyKind kind = PolicyKind::kScripted;
  std::string text = "scripted";  // as it was given
  std::string place{};            // the file, the socket's path, or the command
  ScriptMixture mixture{};        // of kScripted

  static Result<PolicySpec> Parse(std::string_view text);
  const std::string& ToString() const { return text; }
  // Whether it is a process rather than one of ours.
  bool is_process() const { return kind != PolicyKind::kScripted && kind != PolicyKind::kRandom; }
};

}  // namespace qt::policy
