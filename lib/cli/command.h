// SPDX-License-Identifier: Apache-2.0
// A command line made from settings: for the lineage of a file, where what was typed would say too
// much (where the output went, how many threads) or too little (a seed that was drawn).
#pragma once

#include <string>

#include "base/setting.h"
#include "cli/flag_table.h"

namespace qt::cli {

// " --count 4", " --no-loud": a setting as the flag that gives it.
std::string FlagText(const Difference& difference);

// The tool's name and every flag whose value differs from its default, in the order of the table
// and quoted for a shell; without incidental flags and without arguments.
std::string CommandOf(const FlagTable& table);

}  // namespace qt::cli
