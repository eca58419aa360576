// The commands of qt-data, one file each: their flags and what they do. main.cc lists them.
#pragma once

#include "cli/tool.h"

namespace qt::data {

cli::Command InfoCommand();
cli::Command StatsCommand();
cli::Command ViewCommand();
cli::Command ExportCommand();
cli::Command DumpCommand();
cli::Command CheckCommand();
cli::Command RecoverCommand();
cli::Command ImportCommand();
cli::Command CatCommand();
cli::Command CompactCommand();

}  // namespace qt::data
