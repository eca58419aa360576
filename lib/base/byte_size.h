// SPDX-License-Identifier: Apache-2.0
// An amount of memory or of a file, as settings give it: "512M", "4G", "1000000".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace qt {

struct ByteSize {
  uint64_t bytes = 0;

  // A number with K, M or G (powers of 1024), at least one byte; "1.5G" too.
  static Result<ByteSize> Parse(std::string_view text);
  std::string ToString() const;  // with the largest unit that leaves a whole number
};

}  // namespace qt
