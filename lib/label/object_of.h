// SPDX-License-Identifier: Apache-2.0
// JSON objects from keys and values in turn. An initialiser list would make an array of each pair
// first, which takes longer than many a judgement that it describes.
#pragma once

#include <cmath>
#include <utility>

#include "json/json.h"

namespace qt::label {

template <typename Value, typename... Rest>
void AppendTo(Json::object_t& object, const char* key, Value&& value, Rest&&... rest) {
  object.emplace_back(key, std::forward<Value>(value));
  if constexpr (sizeof...(rest) > 0) AppendTo(object, std::forward<Rest>(rest)...);
}

// To six decimals.
inline double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

// REQUIRES: the keys differ.
template <typename... KeysAndValues>
Json ObjectOf(KeysAndValues&&... keys_and_values) {
  Json object = Json::object();
  auto& members = object.get_ref<Json::object_t&>();
  members.reserve(sizeof...(keys_and_values) / 2 + 1);
  AppendTo(members, std::forward<KeysAndValues>(keys_and_values)...);
  return object;
}

}  // namespace qt::label
