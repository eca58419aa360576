// Settings of flags to compare: --vary of qt-eval's protocol ablate. Knows no flags, only texts.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace qt::eval {

struct FlagValue {
  std::string flag, value;  // "disturb", "knock"
};
using Setting = std::vector<FlagValue>;

// "--disturb knock --cem 64/6/4"; empty for an empty setting.
std::string ToString(const Setting& setting);

// "disturb=none|knock|move" (or with a blank, or with dashes) are three values of one flag. Wants
// two or more, all different.
Result<std::vector<FlagValue>> ParseVary(const std::string& text);

// Every combination of one value of each text, the last one changing fastest; of no text the empty
// setting alone. At most 100.
Result<std::vector<Setting>> CombinationsOf(const std::vector<std::string>& texts);

}  // namespace qt::eval
