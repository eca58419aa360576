// SPDX-License-Identifier: Apache-2.0
// The policies that come with the tools (models/), by name: "aligned-128" is
// aligned-128.safetensors in share/qt-tools/models beside the folder of the running program, where
// it was installed as where it was built. A name has no slash and no suffix, so it never hides a
// file that was meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qt::policy {

inline constexpr std::string_view kPolicySuffix = ".safetensors";

// Their names, sorted.
std::vector<std::string> ReleasedPolicies();

// The file of the released policy of that name; empty if there is none.
std::string ReleasedPolicyFile(std::string_view name);

// What a policy file may be called: the file of a released policy for its name, else as it is.
std::string PolicyFile(std::string_view text);

}  // namespace qt::policy
