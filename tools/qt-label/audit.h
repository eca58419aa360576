// qt-label --audit and --calibrate: the modes that read episodes and write none.
#pragma once

#include <string>
#include <vector>

#include "cli/tool.h"
#include "options.h"

namespace qt::label {

// Compares labels with another source and reports. kPartial if input was damaged.
Status RunAudit(const Options& options, std::vector<std::string> inputs, cli::Io& io);

// Finds the edge of the drop test and writes it to the output as JSON.
Status RunCalibrate(const Options& options, std::vector<std::string> inputs, cli::Io& io);

}  // namespace qt::label
