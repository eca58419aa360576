// qt-eval after its flags have been parsed.
#pragma once

#include "cli/tool.h"
#include "options.h"

namespace qt::eval {

Status Run(const Options& options, cli::Io& io);

// Protocol offline; see run_offline.cc.
Status RunOffline(const Options& options, cli::Io& io);

}  // namespace qt::eval
