// JSON of strangers: parsed with its nesting and the number of its values bounded.
#pragma once

#include <string_view>

#include "base/status.h"
#include "json/json_fwd.h"

namespace qt::json {

// An object of at most `max_values` values, nested at most 8 levels deep.
Result<Json> ParseBoundedObject(std::string_view text, int max_values);

}  // namespace qt::json
