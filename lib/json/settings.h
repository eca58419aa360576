// SPDX-License-Identifier: Apache-2.0
// Structs of settings (base/setting.h) as JSON objects: their fields under their names, in the
// order of the visit. An optional without a value is not written; a value with a text form of its
// own is a string.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/setting.h"
#include "base/status.h"
#include "json/json.h"

namespace qt::json {

Json WriteFields(const std::vector<Field>& fields, std::initializer_list<std::string_view> names);

// All fields, or those named, in this order. REQUIRES: the names are there.
template <Configured C>
Json Write(const C& config, std::initializer_list<std::string_view> names = {}) {
  return WriteFields(FieldsOf(config), names);
}

Status ReadFields(const Json& json, const std::vector<Field>& fields);

// Keys that are missing leave their fields as they are; unknown ones are passed over, so that a
// newer version may add some. A wrong type or a value out of range is kCorrupt and named: "'task.
// max_steps' must be a whole number". What was read before it is stored.
template <Configured C>
Status Read(const Json& json, C* config) {
  return ReadFields(json, FieldsOf(*config));
}

}  // namespace qt::json
