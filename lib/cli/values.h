// SPDX-License-Identifier: Apache-2.0
// Values of flags as text, for the command line and for --config. Internal to lib/cli.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/flag_table.h"

namespace qt::cli {

bool IsBool(const Flag& flag);
bool IsList(const Flag& flag);
bool IsExactlyOne(const Flag& flag);  // a positional that must be given once

// Parses and stores; a list takes all values, anything else the last one. `shown` is how errors
// name the flag ("--steps", or "'steps'" of a configuration file).
Status Assign(const Flag& flag, const std::vector<std::string>& values, std::string_view shown);

// The current value of the target as text; empty for an empty string or list.
std::string ValueText(const Flag& flag);

// A word as a POSIX shell would read it back.
std::string ShellQuote(std::string_view word);

}  // namespace qt::cli
