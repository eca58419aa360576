// SPDX-License-Identifier: Apache-2.0
// Which of the things that are counted from 0 are meant: "3,7-9,20-".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qt {

class NumberSet {
 public:
  // Whole numbers and ranges, joined by commas; the end of a range may be left open. Empty: all.
  static Result<NumberSet> Parse(std::string_view text);
  const std::string& ToString() const { return text_; }

  bool Contains(uint64_t number) const;
  bool all() const { return ranges_.empty(); }
  // No number from here on is in the set: looking can stop.
  bool EndsBefore(uint64_t number) const;

 private:
  struct Range {
    uint64_t first, last;
  };
  std::string text_;
  std::vector<Range> ranges_;
};

}  // namespace qt
