// SPDX-License-Identifier: Apache-2.0
#include "base/number_text.h"

#include <array>
#include <cstdio>

namespace qt {

std::string HexText(uint64_t value) {
  std::array<char, 17> text;
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

}  // namespace qt
