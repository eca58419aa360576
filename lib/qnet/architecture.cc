// SPDX-License-Identifier: Apache-2.0
#include "qnet/architecture.h"

namespace qt::qnet {

extern const Architecture kAlignedNet, kAddNet, kMlpNet;  // compact_net.cc
extern const Architecture kGrasping44Net;                 // grasping44_net.cc

std::span<const Architecture* const> Architectures() {
  static constexpr const Architecture* kTable[] = {&kAlignedNet, &kAddNet, &kMlpNet,
                                                   &kGrasping44Net};
  return kTable;
}

ArchitectureName::ArchitectureName() : row_(&kAlignedNet) {}

Result<ArchitectureName> ArchitectureName::Parse(std::string_view name) {
  std::string known;
  for (const Architecture* row : Architectures()) {
    if (name != row->name) {
      known += (known.empty() ? "" : ", ") + std::string(row->name);
      continue;
    }
    ArchitectureName found;
    found.row_ = row;
    return found;
  }
  return Usage("is one of " + known + " in this version, not '" + std::string(name) + "'");
}

std::vector<std::string> ArchitectureName::Choices() {
  std::vector<std::string> names;
  for (const Architecture* row : Architectures()) names.emplace_back(row->name);
  return names;
}

}  // namespace qt::qnet
