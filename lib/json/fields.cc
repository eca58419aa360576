// SPDX-License-Identifier: Apache-2.0
#include "json/fields.h"

#include <optional>
#include <utility>

namespace qt::json {
namespace {

std::optional<uint64_t> ParseDigits(const std::string& text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace

Fields::Fields(const Json& json, std::string prefix, std::string* error)
    : json_(json), prefix_(std::move(prefix)), error_(error) {
  if (!json_.is_object()) Fail("", "must be an object");
}

const Json& Fields::Get(const char* key) const {
  static const Json kNull;
  if (Has(key)) return json_[key];
  Fail(key, "is missing");
  return kNull;
}

double Fields::Number(const char* key, double min, double max) const {
  return CheckNumber(key, Get(key), min, max);
}

uint64_t Fields::Unsigned(const char* key, uint64_t max) const {
  const Json& value = Get(key);
  std::optional<uint64_t> number;
  if (value.is_number_unsigned()) number = value.get<uint64_t>();
  if (value.is_string()) number = ParseDigits(value.get_ref<const std::string&>());
  if (number && *number <= max) return *number;
  Fail(key, "must be an integer from 0 to " + std::to_string(max));
  return 0;
}

int Fields::Integer(const char* key, int min, int max) const {
  const Json& value = Get(key);
  if (value.is_number_integer() && value >= min && value <= max) return value.get<int>();
  Fail(key, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return min;
}

std::string Fields::Text(const char* key, size_t max_length) const {
  const Json& value = Get(key);
  if (value.is_string() && value.get_ref<const std::string&>().size() <= max_length) {
    return value.get<std::string>();
  }
  Fail(key, "must be a string of at most " + std::to_string(max_length) + " bytes");
  return "";
}

bool Fields::Bool(const char* key) const {
  if (Get(key).is_boolean()) return Get(key).get<bool>();
  Fail(key, "must be true or false");
  return false;
}

void Fields::Fail(const std::string& key, const std::string& what) const {
  if (!error_->empty()) return;
  std::string name = prefix_ + key;
  if (name.ends_with('.')) name.pop_back();
  *error_ = "'" + name + "' " + what;
}

double Fields::CheckNumber(const char* key, const Json& value, double min, double max) const {
  if (value.is_number() && value >= min && value <= max) return value.get<double>();
  Fail(key, "must be a number from " + Json(min).dump() + " to " + Json(max).dump());
  return min;
}

}  // namespace qt::json
