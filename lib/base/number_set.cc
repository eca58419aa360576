// SPDX-License-Identifier: Apache-2.0
#include "base/number_set.h"

#include <algorithm>
#include <charconv>

namespace qt {
namespace {

// Reads a number at `position` and moves behind it; false if there is none.
bool ReadNumber(std::string_view text, size_t* position, uint64_t* number) {
  const auto [end, error] =
      std::from_chars(text.data() + *position, text.data() + text.size(), *number);
  *position = static_cast<size_t>(end - text.data());
  return error == std::errc();
}

Status NoNumber(std::string_view text, size_t position) {
  return Usage("takes numbers and ranges such as 3,7-9, not '" + std::string(text) +
               "' (at column " + std::to_string(position + 1) + ")");
}

}  // namespace

Result<NumberSet> NumberSet::Parse(std::string_view text) {
  NumberSet set;
  set.text_ = text;
  for (size_t at = 0; !text.empty();) {
    const size_t start = at;
    Range range = {};
    if (!ReadNumber(text, &at, &range.first)) return NoNumber(text, start);
    range.last = range.first;
    if (at < text.size() && text[at] == '-') {
      ++at;
      const bool open = at == text.size() || text[at] == ',';
      range.last = UINT64_MAX;
      if (!open && !ReadNumber(text, &at, &range.last)) return NoNumber(text, at);
    }
    if (range.last < range.first) return NoNumber(text, start);
    set.ranges_.push_back(range);
    if (at == text.size()) break;
    if (text[at] != ',') return NoNumber(text, at);
    ++at;
  }
  return set;
}

bool NumberSet::Contains(uint64_t number) const {
  return all() || std::ranges::any_of(ranges_, [number](const Range& range) {
           return range.first <= number && number <= range.last;
         });
}

bool NumberSet::EndsBefore(uint64_t number) const {
  return !all() &&
         std::ranges::all_of(ranges_, [number](const Range& range) { return range.last < number; });
}

}  // namespace qt
