// SPDX-License-Identifier: Apache-2.0
// The project's JSON type: keys keep the order in which they were written. This header is the one
// place where nlohmann/json is included. A header that only names Json includes json/json_fwd.h.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "json/json_fwd.h"

namespace qt::json {

// Text of `value`, always valid UTF-8 (bytes that are not become U+FFFD) and without control
// characters. indent < 0: one line.
std::string Dump(const Json& value, int indent = -1);

}  // namespace qt::json
