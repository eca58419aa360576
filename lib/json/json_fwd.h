// SPDX-License-Identifier: Apache-2.0
// Names the JSON type without its two seconds of compilation.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace qt {

using Json = nlohmann::ordered_json;

}  // namespace qt
