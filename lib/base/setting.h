// SPDX-License-Identifier: Apache-2.0
// A setting is described once, in the header of the struct that it is a field of:
//
//   struct SceneConfig { double camera_noise = 0; Camera camera = Camera::kShoulder; ... };
//   template <class V>
//   void Visit(V&& visit, SceneConfig& c) {
//     visit("camera", c.camera, {"NAME", "where the camera is"});
//     visit("camera_noise", c.camera_noise, {"SIGMA", "noise of the sensor", 0, 100});
//   }
//
// The default is the field's initialiser. Flags (cli/flag_table.h), JSON in and out
// (json/settings.h), what differs from a default, and setting a field by its name follow from it.
//
// A field is a bool, a number, a string, a list of strings, a std::optional of a number or of one
// of the following, or of a type of its own:
// * an enum with `constexpr auto NamesOf(E) { return std::array{"shoulder", "top"}; }` beside it,
//   the names of its values 0, 1, ...;
// * a class with `static Result<T> Parse(std::string_view)` and `std::string ToString() const`.
//   Parse's error goes on from the name: "wants N/M, as in 64/6, not 'x'", or begins with a colon;
//   where few texts will do, `static std::vector<std::string> Choices()` lists them;
// * a struct with a Visit of its own: its fields are flags too, and an object in JSON.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"

namespace qt {

// What there is to know about a setting beside its name, type and default.
struct Setting {
  const char* metavar = "";  // "N", "FILE": what stands for the value in help; none for a bool
  const char* help = "";     // one sentence, lower case start, no full stop
  double min = 0, max = 0;   // numbers: inclusive range if min < max
  char short_name = 0;       // of the flag: 'n' or 0
  const char* alias = "";    // an older name, still read
  bool negatable = true;     // a bool: there is a flag --no-NAME too
  bool incidental = false;   // never changes the result: how many threads, how long to wait
};

// --- Enums -------------------------------------------------------------------------------------

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  NamesOf(value).size();
};

template <NamedEnum E>
constexpr std::string_view EnumName(E value) {
  return NamesOf(value)[static_cast<size_t>(value)];
}

template <NamedEnum E>
constexpr std::optional<E> EnumFrom(std::string_view name) {
  constexpr auto kNames = NamesOf(E{});
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<E>(i);
  }
  return std::nullopt;
}

// Of what is decided elsewhere unless it is asked for.
enum class When : uint8_t { kAuto, kOn, kOff };
constexpr auto NamesOf(When) { return std::array{"auto", "on", "off"}; }

// --- Values of any type ------------------------------------------------------------------------

// A value whose type has a text form of its own. What Parse refuses is stored nowhere.
class TextValue {
 public:
  virtual ~TextValue() = default;
  virtual Status Parse(std::string_view text) = 0;
  virtual std::string Text() const = 0;  // empty: an optional without a value
  virtual std::vector<std::string> choices() const { return {}; }
};

// Where a setting's value is.
using Target = std::variant<bool*, int*, int64_t*, uint64_t*, double*, std::optional<double>*,
                            std::string*, std::vector<std::string>*, std::shared_ptr<TextValue>>;

// Stores what `text` says; of a list, as its only element. The error (kUsage) goes on from the
// setting's name: " needs a whole number, not 'x'".
Status ParseInto(const Target& target, const Setting& about, std::string_view text);
// For people, and for ParseInto to read back: one text, or one for each element of a list.
std::vector<std::string> TextsOf(const Target& target);
std::string TextOf(const Target& target);  // a list's joined by blanks
std::vector<std::string> ChoicesOf(const Target& target);
// "100000", "0.0005", "1e-09"
std::string NumberText(double value);
// The error of a Parse, to follow the setting's name.
Status AfterName(const Status& status);
// " is one of a, b, not 'x'", with a suggestion.
Status NotAChoice(std::string_view text, const std::vector<std::string>& choices);

template <class T>
concept TextType = requires(const T& value, std::string_view text) {
  { T::Parse(text) } -> std::same_as<Result<T>>;
  { value.ToString() } -> std::convertible_to<std::string>;
};

template <NamedEnum E>
class EnumValue : public TextValue {
 public:
  explicit EnumValue(E* value) : value_(value) {}
  Status Parse(std::string_view text) override {
    const std::optional<E> named = EnumFrom<E>(text);
    if (!named) return NotAChoice(text, choices());
    *value_ = *named;
    return Ok();
  }
  std::string Text() const override { return std::string(EnumName(*value_)); }
  std::vector<std::string> choices() const override {
    constexpr auto kNames = NamesOf(E{});
    return {kNames.begin(), kNames.end()};
  }

 private:
  E* value_;
};

template <TextType T>
class ParsedValue : public TextValue {
 public:
  explicit ParsedValue(T* value) : value_(value) {}
  Status Parse(std::string_view text) override {
    Result<T> parsed = T::Parse(text);
    if (!parsed.ok()) return AfterName(parsed.status());
    *value_ = *std::move(parsed);
    return Ok();
  }
  std::string Text() const override { return value_->ToString(); }
  std::vector<std::string> choices() const override {
    if constexpr (requires { T::Choices(); }) return T::Choices();
    return {};
  }

 private:
  T* value_;
};

template <class T>
Target TargetOf(T* value);

template <class T>
class OptionalValue : public TextValue {
 public:
  explicit OptionalValue(std::optional<T>* value) : value_(value) {}
  Status Parse(std::string_view text) override {
    T parsed{};
    if (!text.empty()) QT_TRY(ParseInto(TargetOf(&parsed), {}, text));
    *value_ = text.empty() ? std::nullopt : std::optional<T>(std::move(parsed));
    return Ok();
  }
  std::string Text() const override {
    if (!value_->has_value()) return "";
    T copy = **value_;
    return TextOf(TargetOf(&copy));
  }
  std::vector<std::string> choices() const override {
    T any{};
    return ChoicesOf(TargetOf(&any));
  }

 private:
  std::optional<T>* value_;
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
Target TargetOf(T* value) {
  if constexpr (std::constructible_from<Target, T*>) {
    return value;
  } else if constexpr (NamedEnum<T>) {
    return std::make_shared<EnumValue<T>>(value);
  } else if constexpr (TextType<T>) {
    return std::make_shared<ParsedValue<T>>(value);
  } else {
    static_assert(IsOptional<T>::value, "this type has no text form; see the top of this header");
    return std::make_shared<OptionalValue<typename T::value_type>>(value);
  }
}

// --- Structs of settings -----------------------------------------------------------------------

// One setting of a struct that lives somewhere. REQUIRES: the struct outlives it.
struct Field {
  std::string name;  // snake_case
  Setting about;
  Target target;              // of a struct: undefined
  std::vector<Field> fields;  // of a struct: its own
  bool is_struct() const { return !fields.empty(); }
};

struct IgnoreFields {
  template <class T>
  void operator()(const char*, T&, const Setting&) const {}
};
template <class C>
concept Configured = requires(C& config) {
  Visit(IgnoreFields(), config);
};

template <Configured C>
std::vector<Field> FieldsOf(C& config);

struct CollectFields {
  std::vector<Field>* fields;
  template <class T>
  void operator()(const char* name, T& value, const Setting& about) const {
    if constexpr (Configured<T>) {
      fields->push_back({name, about, {}, FieldsOf(value)});
    } else {
      fields->push_back({name, about, TargetOf(&value), {}});
    }
  }
};

template <Configured C>
std::vector<Field> FieldsOf(C& config) {
  std::vector<Field> fields;
  Visit(CollectFields{&fields}, config);
  return fields;
}

// To be read only.
template <Configured C>
std::vector<Field> FieldsOf(const C& config) {
  return FieldsOf(const_cast<C&>(config));
}

// The field of that name or alias (with _ or -), in the structs within too; null if there is none.
const Field* FindField(const std::vector<Field>& fields, std::string_view name);

struct Difference {
  std::string name;
  std::vector<std::string> texts;  // of the value that differs: one, or a list's
  bool is_bool = false;
};
std::vector<Difference> DifferencesOf(const std::vector<Field>& from,
                                      const std::vector<Field>& given);
// What `given` has that `from` has not, in the order of the visit. Equal structs have none.
template <Configured C>
std::vector<Difference> Differences(const C& from, const C& given) {
  return DifferencesOf(FieldsOf(from), FieldsOf(given));
}

Status SetField(const std::vector<Field>& fields, std::string_view name, std::string_view text);
// A value, as a flag would take it, into the field of that name. kUsage says what was wrong.
template <Configured C>
Status Set(C& config, std::string_view name, std::string_view text) {
  return SetField(FieldsOf(config), name, text);
}

}  // namespace qt
