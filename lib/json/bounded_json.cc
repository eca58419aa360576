// SPDX-License-Identifier: Apache-2.0
#include "json/bounded_json.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "json/json.h"

namespace qt::json {
namespace {

using Object = Json::object_t;  // a vector of pairs

// Leaves one pair of each key: the first one's place, the last one's value.
void DropRepeatedKeys(Object* object) {
  constexpr size_t kFew = 8;
  std::unordered_map<std::string_view, size_t> places;
  bool repeated = false;
  const size_t n = object->size();
  if (n <= kFew) {
    for (auto a = object->begin(); a != object->end(); ++a) {
      for (auto b = object->begin(); b != a; ++b) repeated |= a->first == b->first;
    }
  } else {
    places.reserve(n);
    for (const auto& [key, value] : *object) repeated |= !places.try_emplace(key, 0).second;
  }
  if (!repeated) return;
  places.clear();
  Object once;
  for (auto& [key, value] : *object) {
    const auto [place, is_new] = places.try_emplace(key, once.size());
    if (is_new) {
      once.emplace_back(key, std::move(value));
    } else {
      std::next(once.begin(), std::ptrdiff_t(place->second))->second = std::move(value);
    }
  }
  *object = std::move(once);
}

// Builds the value while the library reads the text.
class Builder {
 public:
  explicit Builder(const Bounds& bounds) : bounds_(bounds) {}

  bool null() { return Take(nullptr); }
  bool boolean(bool value) { return Take(value); }
  bool number_integer(int64_t value) { return Take(value); }
  bool number_unsigned(uint64_t value) { return Take(value); }
  bool number_float(double value, const std::string&) { return Take(value); }
  bool string(std::string& value) { return Take(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }
  bool key(std::string& key) {
    if (!Count()) return false;
    auto* const object = open_.back()->get_ptr<Object*>();
    object->emplace_back(std::move(key), Json());
    slot_ = &object->back().second;
    return true;
  }
  bool start_object(size_t) { return Open(Json::object()); }
  bool start_array(size_t) { return Open(Json::array()); }
  bool end_object() {
    DropRepeatedKeys(open_.back()->get_ptr<Object*>());
    return Close();
  }
  bool end_array() { return Close(); }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) {
    error_ = Corrupt("is not valid JSON").At("", position > 0 ? position - 1 : 0);
    return false;
  }

  Result<Json> Finish() {
    if (!error_.ok()) return error_;
    return std::move(root_);
  }

 private:
  bool Count() {
    if (++values_ <= bounds_.max_values) return true;
    error_ = Corrupt("holds too many values");
    return false;
  }
  // Where the next value goes.
  Json* Place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (slot_ == nullptr) {
      auto* const array = open_.back()->get_ptr<Json::array_t*>();
      array->push_back(std::move(value));
      return &array->back();
    }
    *slot_ = std::move(value);
    return std::exchange(slot_, nullptr);
  }
  bool Take(Json value) {
    if (!Count()) return false;
    Place(std::move(value));
    return true;
  }
  bool Open(Json empty) {
    if (!Count()) return false;
    if (open_.size() >= size_t(bounds_.max_depth)) {
      error_ = Corrupt("nests too deep");
      return false;
    }
    open_.push_back(Place(std::move(empty)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  const Bounds bounds_;
  Json root_;
  std::vector<Json*> open_;  // the objects and arrays around the next value
  Json* slot_ = nullptr;     // of the key that was read; null in an array
  size_t values_ = 0;
  Status error_;
};

}  // namespace

Result<Json> Parse(std::string_view text, const Bounds& bounds) {
  // The library takes a NUL for the end of the text.
  if (const size_t nul = text.find('\0'); nul != text.npos) {
    return Corrupt("is not valid JSON").At("", nul);
  }
  Builder builder(bounds);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.Finish();
}

Json ParseObjectOrNone(std::string_view text) {
  Result<Json> json = Parse(text);
  return json.ok() && json->is_object() ? *std::move(json) : Json::object();
}

Result<Json> ParseBoundedObject(std::string_view text, int max_values) {
  Result<Json> json = Parse(text, {.max_depth = 8, .max_values = size_t(max_values)});
  if (!json.ok()) {
    const bool wrong = json.status().offset_bytes().has_value();
    return Corrupt(wrong ? "the message is not valid JSON"
                         : "the message nests too deep or holds too many values");
  }
  if (!json->is_object()) return Corrupt("the message is not a JSON object");
  return json;
}

}  // namespace qt::json
