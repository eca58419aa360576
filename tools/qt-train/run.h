// The work of qt-train: load, train, report.
#pragma once

#include "base/status.h"
#include "cli/tool.h"
#include "options.h"

namespace qt::train {

Status Run(const Options& options, cli::Io& io);

}  // namespace qt::train
