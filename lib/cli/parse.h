// SPDX-License-Identifier: Apache-2.0
// Command line and configuration file into the targets of a flag table. Internal to lib/cli;
// parse.cc is the one user of CLI11.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/flag_table.h"

namespace qt::cli {

// The values of each flag that was given, by long name, in order; bools as "true" or "false".
struct Arguments {
  std::map<std::string, std::vector<std::string>> flags;
  std::vector<std::string> positionals;
};

// Splits the words after the program's name. Unknown flags, flags without their value and
// arguments where none are taken are usage errors. Stores nothing.
Result<Arguments> Split(const FlagTable& table, const std::vector<std::string>& words);

// Stores the values in the table's targets: first those of the configuration file `config_text`
// (a JSON object; empty for none; `config_name` is for errors), then those of the command line.
Status Store(const FlagTable& table, const Arguments& arguments, const std::string& config_name,
             const std::string& config_text);

std::string ParserVersion();  // of CLI11

}  // namespace qt::cli
