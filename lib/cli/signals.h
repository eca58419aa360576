// Signals and the standard descriptors of a tool's process. Internal to lib/cli.
#pragma once

#include <atomic>

#include "base/status.h"

namespace qt::cli {

// SIGINT and SIGTERM set the returned flag (a second one kills); SIGPIPE is ignored, so that a
// closed pipe shows as EPIPE. A signal that the parent ignores stays ignored.
const std::atomic<bool>& InstallSignals();

// A closed descriptor 0-2 is made to fail on use, so that no file of ours gets its number.
void GuardStandardDescriptors();

// Flushes and closes stdout: the place where a full disk shows. kClosedPipe if the reader left.
Status CloseStdout();

}  // namespace qt::cli
