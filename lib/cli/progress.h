// SPDX-License-Identifier: Apache-2.0
// The progress line on stderr. Internal to lib/cli.
#pragma once

#include <memory>
#include <string>

#include "base/setting.h"
#include "cli/tool.h"

namespace qt::cli {

// "12/500 episodes 2% 3.1/s ETA 2m37s note", cut to `columns`. total 0: unknown.
std::string ProgressText(const std::string& unit, uint64_t done, uint64_t total, double elapsed_s,
                         const std::string& note, size_t columns);

// "58s", "2m37s", "3h05m".
std::string DurationText(double seconds);

// The line begins with the tool's name. kAuto: with a terminal on stderr, not `quiet`, and no pipe
// on stdout: of several tools in a pipe the last draws.
std::unique_ptr<Progress> MakeProgress(const std::string& tool, When when, bool quiet,
                                       std::string unit, uint64_t total);

}  // namespace qt::cli
