// SPDX-License-Identifier: Apache-2.0
// Checked reading of the fields of a JSON object that somebody else wrote.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "json/json.h"

namespace qt::json {

inline constexpr double kMaxLength_m = 100;                  // far outside any workspace
inline constexpr uint64_t kMaxId = (uint64_t{1} << 53) - 1;  // exact in JavaScript
inline constexpr size_t kMaxName = 256;

// Reads the fields of one JSON object. The first thing that is wrong is kept in *error; what is
// read after that does not matter.
class Fields {
 public:
  // `json` and `error` must outlive the object.
  Fields(const Json& json, std::string prefix, std::string* error);

  // A key whose value is null counts as missing: many clients write every optional key.
  bool Has(const char* key) const {
    if (!json_.is_object()) return false;
    const auto found = json_.find(key);
    return found != json_.end() && !found->is_null();
  }
  const Json& Get(const char* key) const;
  Fields Object(const char* key) const { return {Get(key), prefix_ + key + ".", error_}; }
  double Number(const char* key, double min, double max) const;
  // An unsigned integer; as a string of decimal digits too, for languages that have only doubles.
  uint64_t Unsigned(const char* key, uint64_t max) const;
  int Integer(const char* key, int min, int max) const;
  std::string Text(const char* key, size_t max_length) const;
  bool Bool(const char* key) const;

  template <size_t n>
  std::array<double, n> Numbers(const char* key, double min, double max) const {
    std::array<double, n> values = {};
    const Json& array = Get(key);
    if (!array.is_array() || array.size() != n) {
      Fail(key, "must be an array of " + std::to_string(n) + " numbers");
      return values;
    }
    for (size_t i = 0; i < n; ++i) values[i] = CheckNumber(key, array[i], min, max);
    return values;
  }

  void Fail(const std::string& key, const std::string& what) const;

 private:
  double CheckNumber(const char* key, const Json& value, double min, double max) const;

  const Json& json_;
  std::string prefix_;
  std::string* error_;
};

}  // namespace qt::json
