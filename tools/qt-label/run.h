// qt-label after its flags have been parsed.
#pragma once

#include "cli/tool.h"
#include "options.h"

namespace qt::label {

Status Run(const Options& options, cli::Io& io);

}  // namespace qt::label
