// The project's JSON type: keys keep the order in which they were written. This header is the one
// place where nlohmann/json is included.
#pragma once

#include <nlohmann/json.hpp>

namespace qt {

using Json = nlohmann::ordered_json;

}  // namespace qt
