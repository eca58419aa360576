// The flags of qt-data's commands.
#pragma once

#include <string>
#include <vector>

#include "cli/flag_table.h"

namespace qt::data {

struct Options {
  std::vector<std::string> inputs;
  std::string output = "-";
  std::string images;  // folder; empty: pictures are not saved
};

cli::FlagTable DescribeInfo(Options* options);
cli::FlagTable DescribeDump(Options* options);

}  // namespace qt::data
