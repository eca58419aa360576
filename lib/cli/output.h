// SPDX-License-Identifier: Apache-2.0
// Where a tool's results go. Internal to lib/cli.
#pragma once

#include <memory>
#include <string>

#include "base/file.h"
#include "base/status.h"

namespace qt::cli {

struct OutputRules {
  bool json = false;
  bool force = false;
  bool dry_run = false;
};

// Does what Io::OpenOutput says.
Result<std::unique_ptr<ByteSink>> OpenOutputBy(const OutputRules& rules, const std::string& output,
                                               bool binary, const std::string& prefix,
                                               const std::string& run_id,
                                               const std::string& suffix);

}  // namespace qt::cli
