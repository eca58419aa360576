// A command line made from the values of a flag table: for the lineage of a file, where what was
// typed would say too much (where the output went, how many threads) or too little (a seed that was
// drawn). And back: a value into the flag of a name.
#pragma once

#include <set>
#include <string>

#include "base/status.h"
#include "cli/flag_table.h"

namespace qt::cli {

// " --count 4", " --no-loud": a setting as the flag that gives it.
std::string FlagText(const Difference& difference);

// The tool's name and every flag whose value differs from the default, in the order of the table
// and quoted for a shell; flags named in `without` are left out. REQUIRES: both tables are of the
// same tool, their targets alive.
std::string CommandOf(const FlagTable& given, const FlagTable& defaults,
                      const std::set<std::string>& without);

// Stores a value in the flag of that name (with - or _), as --NAME VALUE would; a switch takes true
// and false. A usage error if there is no such flag, or the value does not suit it.
Status SetFlag(const FlagTable& table, const std::string& name, const std::string& value);

}  // namespace qt::cli
