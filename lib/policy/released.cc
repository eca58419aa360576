// SPDX-License-Identifier: Apache-2.0
#include "policy/released.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/child_process.h"

namespace qt::policy {
namespace {

std::filesystem::path Folder() {
  return std::filesystem::path(OwnFolder()).parent_path() / "share/qt-tools/models";
}

}  // namespace

std::vector<std::string> ReleasedPolicies() {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(Folder(), error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == kPolicySuffix) names.push_back(at->path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReleasedPolicyFile(std::string_view name) {
  for (const std::string& known : ReleasedPolicies()) {
    if (known == name) return (Folder() / (known + std::string(kPolicySuffix))).string();
  }
  return "";
}

std::string PolicyFile(std::string_view text) {
  const std::string released = ReleasedPolicyFile(text);
  return released.empty() ? std::string(text) : released;
}

}  // namespace qt::policy
