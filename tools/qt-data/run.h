// What qt-data's commands do.
#pragma once

#include "base/status.h"
#include "cli/tool.h"
#include "options.h"

namespace qt::data {

Status RunInfo(const Options& options, cli::Io& io);
Status RunDump(const Options& options, cli::Io& io);

}  // namespace qt::data
