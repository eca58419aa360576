// SPDX-License-Identifier: Apache-2.0
// Parsing JSON of strangers. Time and memory grow linearly with the text, whatever is in it: the
// library's own parser takes quadratic time for an object of many keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "json/json_fwd.h"

namespace qt::json {

struct Bounds {
  int max_depth = 64;  // deeper, printing it could use up the stack
  size_t max_values = SIZE_MAX;
};

// Of a key that stands twice the last value counts, at the place of the first, as the library has
// it. kCorrupt says what is wrong, with the offset.
Result<Json> Parse(std::string_view text, const Bounds& bounds = {});

// The object in `text`, or an empty one: for settings that may be anything and need not be there.
Json ParseObjectOrNone(std::string_view text);

// An object of at most `max_values` values, nested at most 8 levels deep.
Result<Json> ParseBoundedObject(std::string_view text, int max_values);

}  // namespace qt::json
