// SPDX-License-Identifier: Apache-2.0
// The log on stderr. Every line starts with the tool's name; a line is written with one call, so
// that lines of several tools in one pipeline do not mix, and whatever a message quotes cannot harm
// the terminal (base/text.h). Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace qt {

enum class Verbosity { kQuiet, kNormal, kVerbose };  // -q, default, -v

void SetLogName(std::string_view tool);  // call once, before any thread starts
void SetVerbosity(Verbosity verbosity);

void LogError(std::string_view message);    // always
void LogWarning(std::string_view message);  // always
void LogInfo(std::string_view message);     // not with -q
void LogDebug(std::string_view message);    // with -v

// A progress line is redrawn in place on a terminal; the log clears it before it writes a line.
// An empty text removes it.
void SetProgressLine(std::string_view text);

}  // namespace qt
