// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include <mutex>

#include "base/text.h"

namespace qt {
namespace {

struct LogState {
  std::mutex mutex;
  std::string tool = "qt";
  Verbosity verbosity = Verbosity::kNormal;
  std::string progress;
};

LogState& State() {
  static LogState state;
  return state;
}

void WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n <= 0) return;  // nowhere left to complain to
    text.remove_prefix(static_cast<size_t>(n));
  }
}

void WriteLine(std::string_view level, std::string_view message) {
  LogState& state = State();
  const std::lock_guard lock(state.mutex);
  std::string line;
  if (!state.progress.empty()) line += "\r\x1b[K";
  line += state.tool + ": " + std::string(level) + Printable(message) + "\n" + state.progress;
  WriteAll(line);
}

}  // namespace

void SetLogName(std::string_view tool) { State().tool = tool; }
void SetVerbosity(Verbosity verbosity) { State().verbosity = verbosity; }

void LogError(std::string_view message) { WriteLine("", message); }
void LogWarning(std::string_view message) { WriteLine("warning: ", message); }
void LogInfo(std::string_view message) {
  if (State().verbosity != Verbosity::kQuiet) WriteLine("", message);
}
void LogDebug(std::string_view message) {
  if (State().verbosity == Verbosity::kVerbose) WriteLine("", message);
}

void SetProgressLine(std::string_view text) {
  LogState& state = State();
  const std::lock_guard lock(state.mutex);
  if (text.empty() && state.progress.empty()) return;
  state.progress = Printable(text);
  WriteAll("\r\x1b[K" + state.progress);
}

}  // namespace qt
