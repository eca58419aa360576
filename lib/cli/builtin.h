// The flags that every tool has. Internal to lib/cli.
#pragma once

#include <string>

#include "cli/tool.h"

namespace qt::cli {

struct CommonOptions {
  bool json = false, dry_run = false, force = false;
  bool quiet = false, verbose = false;
  bool help = false, version = false, help_man = false, dump_flags = false;
  std::string progress = "auto";
  std::string config;
  std::string completion;
};

// Appends them to the table; `options` must outlive it.
void AddCommonFlags(FlagTable* table, const ToolTraits& traits, CommonOptions* options);

}  // namespace qt::cli
