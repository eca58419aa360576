// SPDX-License-Identifier: Apache-2.0
#include "base/setting.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/suggest.h"

namespace qt {
namespace {

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

bool ParseDouble(std::string_view text, double* value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && std::isfinite(*value);
}

// "1e6" is an integer too, as long as it is one exactly.
template <typename Integer>
bool ParseExponent(std::string_view text, Integer* value) {
  double number = 0;
  if (!ParseDouble(text, &number) || number != std::floor(number)) return false;
  if (std::abs(number) > 9007199254740992.0) return false;  // 2^53: beyond it doubles skip integers
  if (number < static_cast<double>(std::numeric_limits<Integer>::min())) return false;
  if (number > static_cast<double>(std::numeric_limits<Integer>::max())) return false;
  *value = static_cast<Integer>(number);
  return true;
}

template <typename Integer>
Status ParseInteger(std::string_view text, Integer* value) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  const bool all = end.ptr == digits.data() + digits.size() && !digits.empty();
  if (all && end.ec == std::errc()) return Ok();
  if (all && end.ec == std::errc::result_out_of_range) {
    return Usage(": " + std::string(text) + " is out of range");
  }
  if (ParseExponent(text, value)) return Ok();
  const bool negative = std::is_unsigned_v<Integer> && text.starts_with('-');
  return Usage(std::string(" needs ") +
               (negative ? "a whole number that is not negative" : "a whole number") + ", not " +
               Quoted(text));
}

Status CheckRange(const Setting& about, double value, std::string_view text) {
  if (!(about.min < about.max) || (value >= about.min && value <= about.max)) return Ok();
  return Usage(": " + std::string(text) + " is out of range (" + NumberText(about.min) + " to " +
               NumberText(about.max) + ")");
}

struct Parser {
  const Setting& about;
  std::string_view text;

  Status operator()(bool* target) const {
    const bool yes = text == "true" || text == "1" || text == "on" || text == "yes";
    const bool no = text == "false" || text == "0" || text == "off" || text == "no";
    if (!yes && !no) return Usage(" is true or false, not " + Quoted(text));
    *target = yes;
    return Ok();
  }
  template <typename Integer>
  Status operator()(Integer* target) const {
    Integer value = 0;
    QT_TRY(ParseInteger(text, &value));
    QT_TRY(CheckRange(about, static_cast<double>(value), text));
    *target = value;
    return Ok();
  }
  Status operator()(double* target) const {
    double value = 0;
    if (!ParseDouble(text, &value)) return Usage(" needs a number, not " + Quoted(text));
    QT_TRY(CheckRange(about, value, text));
    *target = value;
    return Ok();
  }
  Status operator()(std::optional<double>* target) const {
    double value = 0;
    if (!text.empty()) QT_TRY((*this)(&value));
    *target = text.empty() ? std::nullopt : std::optional(value);
    return Ok();
  }
  Status operator()(std::string* target) const {
    *target = text;
    return Ok();
  }
  Status operator()(std::vector<std::string>* target) const {
    *target = {std::string(text)};
    return Ok();
  }
  Status operator()(const std::shared_ptr<TextValue>& target) const { return target->Parse(text); }
};

struct Writer {
  using Texts = std::vector<std::string>;
  Texts operator()(const bool* value) const { return {*value ? "true" : "false"}; }
  Texts operator()(const double* value) const { return {NumberText(*value)}; }
  Texts operator()(const std::optional<double>* value) const {
    return {*value ? NumberText(**value) : ""};
  }
  Texts operator()(const std::string* value) const { return {*value}; }
  Texts operator()(const std::vector<std::string>* value) const { return *value; }
  Texts operator()(const std::shared_ptr<TextValue>& value) const { return {value->Text()}; }
  template <typename Integer>
  Texts operator()(const Integer* value) const {
    return {std::to_string(*value)};
  }
};

bool IsName(std::string_view name, std::string_view given) {
  return std::ranges::equal(name, given,
                            [](char a, char b) { return a == b || (a == '_' && b == '-'); });
}

void AddNames(const std::vector<Field>& fields, std::vector<std::string>* names) {
  for (const Field& field : fields) {
    if (!field.is_struct()) names->push_back(field.name);
    AddNames(field.fields, names);
  }
}

}  // namespace

Status ParseInto(const Target& target, const Setting& about, std::string_view text) {
  return std::visit(Parser{about, text}, target);
}

std::vector<std::string> TextsOf(const Target& target) { return std::visit(Writer{}, target); }

std::string TextOf(const Target& target) {
  std::string all;
  for (const std::string& text : TextsOf(target)) all += (all.empty() ? "" : " ") + text;
  return all;
}

std::vector<std::string> ChoicesOf(const Target& target) {
  const auto* value = std::get_if<std::shared_ptr<TextValue>>(&target);
  return value ? (*value)->choices() : std::vector<std::string>();
}

std::string NumberText(double value) {
  std::array<char, 32> buffer;
  char* const first = buffer.data();
  char* const last = first + buffer.size();
  // Numbers look as people write them: 10000000 and 0.0005, but 1e-09.
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-5 && size < 1e15);
  const auto end = plain ? std::to_chars(first, last, value, std::chars_format::fixed)
                         : std::to_chars(first, last, value);
  return std::string(first, end.ptr);
}

Status AfterName(const Status& status) {
  return Usage((status.message().starts_with(':') ? "" : " ") + status.message());
}

Status NotAChoice(std::string_view text, const std::vector<std::string>& choices) {
  std::string all;
  for (const std::string& choice : choices) all += (all.empty() ? "" : ", ") + choice;
  if (choices.size() == 1) return Usage(" must be " + all + ", not " + Quoted(text));
  return Usage(" is one of " + all + ", not " + Quoted(text) + DidYouMean(text, choices));
}

const Field* FindField(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (IsName(field.name, name)) return &field;
    if (*field.about.alias && IsName(field.about.alias, name)) return &field;
    if (const Field* within = FindField(field.fields, name)) return within;
  }
  return nullptr;
}

std::vector<Difference> DifferencesOf(const std::vector<Field>& from,
                                      const std::vector<Field>& given) {
  QT_CHECK(from.size() == given.size(), from.size(), given.size());
  std::vector<Difference> differences;
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i].is_struct()) {
      for (Difference& inner : DifferencesOf(from[i].fields, given[i].fields)) {
        differences.push_back(std::move(inner));
      }
    } else if (std::vector<std::string> texts = TextsOf(given[i].target);
               texts != TextsOf(from[i].target)) {
      const bool is_bool = std::holds_alternative<bool*>(given[i].target);
      differences.push_back({given[i].name, std::move(texts), is_bool});
    }
  }
  return differences;
}

Status SetField(const std::vector<Field>& fields, std::string_view name, std::string_view text) {
  const Field* field = FindField(fields, name);
  if (field != nullptr && !field->is_struct()) {
    const Status status = ParseInto(field->target, field->about, text);
    return status.ok() ? status : Status(status.code(), std::string(name) + status.message());
  }
  std::vector<std::string> names;
  AddNames(fields, &names);
  return Usage("there is no setting " + Quoted(name) + DidYouMean(name, names));
}

}  // namespace qt
