// qt-collect --preview: a sheet of the objects instead of episodes.
#pragma once

#include "cli/tool.h"
#include "options.h"

namespace qt::collect {

// REQUIRES: options.preview is a file name, and the library is open.
Status WritePreview(const Options& options, cli::Io& io);

}  // namespace qt::collect
