// SPDX-License-Identifier: Apache-2.0
// The flags that every tool has. Internal to lib/cli.
#pragma once

#include <optional>
#include <string>

#include "cli/help.h"
#include "cli/tool.h"

namespace qt::cli {

struct CommonOptions {
  bool json = false, dry_run = false, force = false;
  bool quiet = false, verbose = false;
  bool help = false, version = false, help_man = false, dump_flags = false;
  When progress = When::kAuto;
  std::string config;
  std::optional<Shell> completion;
};

// Appends them to the table; `options` must outlive it.
void AddCommonFlags(FlagTable* table, const ToolTraits& traits, CommonOptions* options);

}  // namespace qt::cli
