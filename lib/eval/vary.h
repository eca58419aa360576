// SPDX-License-Identifier: Apache-2.0
// Settings to compare, as texts: --vary of the protocol ablate. Knows no setting by name.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace qt::eval {

struct FlagValue {
  std::string flag, value;  // "disturb", "knock"
};
using FlagValues = std::vector<FlagValue>;

// "--disturb knock --cem 64/6/4"; empty for none.
std::string ToString(const FlagValues& values);

// "disturb=none|knock|move" (or with a blank, or with dashes) are three values of one flag. Wants
// two or more, all different.
Result<FlagValues> ParseVary(const std::string& text);

// Every combination of one value of each text, the last one changing fastest; of no text the empty
// one alone. At most 100.
Result<std::vector<FlagValues>> CombinationsOf(const std::vector<std::string>& texts);

}  // namespace qt::eval
