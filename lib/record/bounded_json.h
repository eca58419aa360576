// JSON of strangers: parsed with its nesting and the number of its values bounded. Used by the
// protocols here, and by serve/open_inference for what holds a picture's numbers.
#pragma once

#include <string_view>

#include "base/status.h"
#include "record/json.h"

namespace qt::record {

// An object of at most `max_values` values, nested at most 8 levels deep.
Result<Json> ParseBoundedObject(std::string_view text, int max_values);

}  // namespace qt::record
