// SPDX-License-Identifier: Apache-2.0
// Signals and the standard descriptors of a tool's process. Internal to lib/cli.
#pragma once

#include <atomic>
#include <string_view>

#include "base/status.h"

namespace qt::cli {

// SIGINT, SIGTERM and SIGHUP set the returned flag (a second one kills); SIGPIPE and SIGXFSZ are
// ignored, so that a closed pipe shows as EPIPE and a limit of file sizes as EFBIG. A signal that
// the parent ignores stays ignored.
const std::atomic<bool>& InstallSignals();

// A closed descriptor 0-2 is made to fail on use, so that no file of ours gets its number.
void GuardStandardDescriptors();

// Writes all of `text` to standard output. kClosedPipe if the reader left.
Status WriteStdout(std::string_view text);

// Closes standard output: on some file systems only this shows that the disk is full.
Status CloseStdout();

}  // namespace qt::cli
