// qt-collect after its flags have been parsed.
#pragma once

#include "cli/tool.h"
#include "options.h"

namespace qt::collect {

Status Run(Options options, cli::Io& io);

}  // namespace qt::collect
