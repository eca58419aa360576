// qt-serve after its flags have been parsed.
#pragma once

#include "cli/tool.h"
#include "options.h"

namespace qt::serve {

Status Run(const Options& options, cli::Io& io);

}  // namespace qt::serve
