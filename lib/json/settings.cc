// SPDX-License-Identifier: Apache-2.0
#include "json/settings.h"

#include <limits>

#include "base/check.h"
#include "json/json.h"

namespace qt::json {
namespace {

// Null: an optional without a value.
struct ToJsonValue {
  Json operator()(const std::optional<double>* value) const {
    return *value ? Json(**value) : Json();
  }
  Json operator()(const std::shared_ptr<TextValue>& value) const {
    const std::string text = value->Text();
    return text.empty() ? Json() : Json(text);
  }
  template <typename T>
  Json operator()(const T* value) const {
    return *value;
  }
};

void WriteField(const Field& field, Json* json) {
  Json value =
      field.is_struct() ? WriteFields(field.fields, {}) : std::visit(ToJsonValue{}, field.target);
  if (!value.is_null()) (*json)[field.name] = std::move(value);
}

Status CheckRange(const Setting& about, double value) {
  if (!(about.min < about.max) || (value >= about.min && value <= about.max)) return Ok();
  return Corrupt(" must be from " + NumberText(about.min) + " to " + NumberText(about.max) +
                 ", not " + NumberText(value));
}

struct FromJsonValue {
  const Json& json;
  const Setting& about;

  Status operator()(bool* target) const {
    if (!json.is_boolean()) return Corrupt(" must be true or false");
    *target = json.get<bool>();
    return Ok();
  }
  // 20.0 is a whole number, too: not every language tells the two apart.
  template <typename Integer>
  Status operator()(Integer* target) const {
    using Limits = std::numeric_limits<Integer>;
    bool fits = false;
    if (json.is_number_unsigned()) {
      fits = json.get<uint64_t>() <= uint64_t(Limits::max());
    } else if (json.is_number_integer()) {
      fits = std::in_range<Integer>(json.get<int64_t>());
    } else if (json.is_number_float()) {
      const double number = json.get<double>();
      fits = number == double(int64_t(number)) && std::in_range<Integer>(int64_t(number));
    }
    if (!fits) return Corrupt(" must be a whole number");
    QT_TRY(CheckRange(about, json.get<double>()));
    *target = json.get<Integer>();
    return Ok();
  }
  Status operator()(double* target) const {
    if (!json.is_number()) return Corrupt(" must be a number");
    QT_TRY(CheckRange(about, json.get<double>()));
    *target = json.get<double>();
    return Ok();
  }
  Status operator()(std::optional<double>* target) const {
    double value = 0;
    if (!json.is_null()) QT_TRY((*this)(&value));
    *target = json.is_null() ? std::nullopt : std::optional(value);
    return Ok();
  }
  Status operator()(std::string* target) const {
    if (!json.is_string()) return Corrupt(" must be a string");
    *target = json.get<std::string>();
    return Ok();
  }
  Status operator()(std::vector<std::string>* target) const {
    if (!json.is_array()) return Corrupt(" must be a list of strings");
    std::vector<std::string> texts;
    for (const Json& item : json) {
      if (!item.is_string()) return Corrupt(" must be a list of strings");
      texts.push_back(item.get<std::string>());
    }
    *target = std::move(texts);
    return Ok();
  }
  Status operator()(const std::shared_ptr<TextValue>& target) const {
    if (!json.is_string() && !json.is_null()) return Corrupt(" must be a string");
    const Status status = target->Parse(json.is_null() ? "" : json.get_ref<const std::string&>());
    return status.ok() ? status : Corrupt(status.message());
  }
};

Status ReadInto(const Json& json, const std::vector<Field>& fields, const std::string& path) {
  if (!json.is_object()) {
    return Corrupt(path.empty() ? "the settings must be an object"
                                : "'" + path + "' must be an object");
  }
  for (const Field& field : fields) {
    auto value = json.find(field.name);
    if (value == json.end() && *field.about.alias) value = json.find(field.about.alias);
    if (value == json.end()) continue;
    const std::string name = path.empty() ? field.name : path + "." + field.name;
    if (field.is_struct()) {
      QT_TRY(ReadInto(*value, field.fields, name));
    } else {
      const Status status = std::visit(FromJsonValue{*value, field.about}, field.target);
      if (!status.ok()) return Corrupt("'" + name + "'" + status.message());
    }
  }
  return Ok();
}

}  // namespace

Json WriteFields(const std::vector<Field>& fields, std::initializer_list<std::string_view> names) {
  Json json = Json::object();
  for (const std::string_view name : names) {
    const Field* field = FindField(fields, name);
    QT_CHECK(field != nullptr, name);
    WriteField(*field, &json);
  }
  if (names.size() > 0) return json;
  for (const Field& field : fields) WriteField(field, &json);
  return json;
}

Status ReadFields(const Json& json, const std::vector<Field>& fields) {
  return ReadInto(json, fields, "");
}

}  // namespace qt::json
