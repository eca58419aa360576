// What qt-serve can be told: the flag table and the struct it fills.
#pragma once

#include <string>
#include <vector>

#include "cli/flag_table.h"

namespace qt::serve {

struct Options {
  std::vector<std::string> model;  // exactly one
  bool stdio = false;
  std::string cem;  // empty: the model's own
  int num_threads = 1;
};

cli::FlagTable Describe(Options* options);

}  // namespace qt::serve
