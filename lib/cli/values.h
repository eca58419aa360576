// Text to typed values and back, for the command line and for --config. Internal to lib/cli.
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

// The candidate that `word` was probably meant to be, or "" if none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& candidates);

// ", did you mean 'X'?" or "".
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates,
                       std::string_view prefix = "");

// A word as a POSIX shell would read it back.
std::string ShellQuote(std::string_view word);

// `_` for `-` is allowed in names: the kebab-case form.
std::string Kebab(std::string_view name);

}  // namespace qt::cli
