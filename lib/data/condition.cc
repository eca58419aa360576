// SPDX-License-Identifier: Apache-2.0
#include "data/condition.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "data/episode_numbers.h"
#include "json/bounded_json.h"
#include "json/json.h"

namespace qt::data {
namespace {

enum class Op { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

template <typename Value>
bool Compare(const Value& a, Op op, const Value& b) {
  switch (op) {
    case Op::kEqual:
      return a == b;
    case Op::kNotEqual:
      return a != b;
    case Op::kLess:
      return a < b;
    case Op::kLessEqual:
      return a <= b;
    case Op::kGreater:
      return a > b;
    case Op::kGreaterEqual:
      return a >= b;
  }
  return false;
}

bool MatchesPattern(const std::string& text, Op op, const std::string& pattern) {
  const bool matches = ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  return matches == (op == Op::kEqual);
}

// What a field is computed from.
using NumberOf = double (*)(const Episode&, const Label*);
using TextOf = std::string (*)(const Episode&, const Label*);

struct NumberField {
  const char* name;
  NumberOf get;
};
struct TextField {
  const char* name;
  TextOf get;
};

double NumInterventions(const Episode& episode) {
  return double(std::ranges::count(episode.steps, ActionSource::kHuman, &Step::source));
}

const std::array kNumberFields = std::to_array<NumberField>({
    {"steps", [](const Episode& e, const Label*) { return double(e.steps.size()); }},
    {"interventions", [](const Episode& e, const Label*) { return NumInterventions(e); }},
    {"return", [](const Episode&, const Label* l) { return l ? ReturnOf(*l) : kUnknown; }},
    {"success", [](const Episode&, const Label* l) { return l ? double(l->success) : kUnknown; }},
    {"confidence", [](const Episode&, const Label* l) { return l ? l->confidence : kUnknown; }},
    {"revision", [](const Episode&, const Label* l) { return l ? l->revision : kUnknown; }},
    {"labelled", [](const Episode&, const Label* l) { return l ? 1.0 : 0.0; }},
    {"labels", [](const Episode& e, const Label*) { return double(e.labels.size()); }},
    {"q_value", [](const Episode& e, const Label*) { return MeanQValue(e); }},
    {"q_first", [](const Episode& e, const Label*) { return FirstQValue(e); }},
    {"q_last", [](const Episode& e, const Label*) { return LastQValue(e); }},
    {"index", [](const Episode& e, const Label*) { return double(e.index); }},
    {"exploration", [](const Episode& e, const Label*) { return double(e.exploration); }},
    {"opening", [](const Episode& e, const Label*) { return double(e.final_gripper.opening); }},
    {"measured_opening",
     [](const Episode& e, const Label*) { return double(e.final_gripper.measured_opening_m); }},
    {"height", [](const Episode& e, const Label*) { return double(e.final_gripper.height_m); }},
    {"time", [](const Episode& e, const Label*) { return double(e.stamp_ns) * 1e-9; }},
    {"image_width", [](const Episode& e, const Label*) { return double(FirstImageWidth(e)); }},
    {"image_height", [](const Episode& e, const Label*) { return double(FirstImageHeight(e)); }},
});

const std::array kTextFields = std::to_array<TextField>({
    {"id", [](const Episode& e, const Label*) { return e.id; }},
    {"run_id", [](const Episode& e, const Label*) { return e.run_id; }},
    {"task", [](const Episode& e, const Label*) { return e.task; }},
    {"env", [](const Episode& e, const Label*) { return e.env; }},
    {"policy", [](const Episode& e, const Label*) { return e.policy; }},
    {"digest", [](const Episode& e, const Label*) { return e.policy_digest; }},
    {"tool", [](const Episode& e, const Label*) { return e.tool; }},
    {"end_reason",
     [](const Episode& e, const Label*) { return std::string(ToString(e.end_reason)); }},
    {"source", [](const Episode&, const Label* l) { return l ? l->source : std::string(); }},
});

class NumberTerm : public Condition::Term {
 public:
  NumberTerm(NumberOf get, Op op, double value) : get_(get), op_(op), value_(value) {}
  bool Holds(const Episode& episode, const Label* label) const override {
    const double number = get_(episode, label);
    return !std::isnan(number) && Compare(number, op_, value_);
  }

 private:
  NumberOf get_;
  Op op_;
  double value_;
};

class TextTerm : public Condition::Term {
 public:
  TextTerm(TextOf get, Op op, std::string pattern)
      : get_(get), op_(op), pattern_(std::move(pattern)) {}
  bool Holds(const Episode& episode, const Label* label) const override {
    return MatchesPattern(get_(episode, label), op_, pattern_);
  }

 private:
  TextOf get_;
  Op op_;
  std::string pattern_;
};

// 64 bits are more than a double holds.
class SeedTerm : public Condition::Term {
 public:
  SeedTerm(Op op, uint64_t value) : op_(op), value_(value) {}
  bool Holds(const Episode& episode, const Label*) const override {
    return Compare(episode.seed, op_, value_);
  }

 private:
  Op op_;
  uint64_t value_;
};

template <typename Number>
std::optional<Number> ParseNumber(const std::string& text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A value inside of env_config: "env.camera", "env.task.max_steps". Its type is known only when an
// episode is there.
class EnvTerm : public Condition::Term {
 public:
  EnvTerm(std::string path, Op op, std::string text, std::optional<double> number)
      : path_(std::move(path)), op_(op), text_(std::move(text)), number_(number) {}
  bool Holds(const Episode& episode, const Label*) const override {
    const Json config = json::ParseObjectOrNone(episode.env_config);
    const Json* const found = Find(config);
    if (found == nullptr) return false;
    const Json& value = *found;
    if (value.is_boolean() && number_) return Compare(double(value.get<bool>()), op_, *number_);
    if (value.is_number() && number_) return Compare(value.get<double>(), op_, *number_);
    const bool equality = op_ == Op::kEqual || op_ == Op::kNotEqual;
    return value.is_string() && equality && MatchesPattern(value.get<std::string>(), op_, text_);
  }

 private:
  // Down the path, by keys of objects and numbers of array items; null if there is no such value.
  const Json* Find(const Json& config) const {
    const Json* at = &config;
    for (size_t from = 0; from <= path_.size();) {
      const size_t end = std::min(path_.find('.', from), path_.size());
      const std::string name = path_.substr(from, end - from);
      from = end + 1;
      if (at->is_array()) {
        const std::optional<size_t> i = ParseNumber<size_t>(name);
        if (!i || *i >= at->size()) return nullptr;
        at = &(*at)[*i];
        continue;
      }
      const auto found = at->find(name);  // end() if it is no object
      if (found == at->end()) return nullptr;
      at = &*found;
    }
    return at;
  }

  std::string path_;
  Op op_;
  std::string text_;
  std::optional<double> number_;
};

std::optional<double> ParseValue(const std::string& text) {
  if (text == "true" || text == "yes") return 1;
  if (text == "false" || text == "no") return 0;
  const std::optional<double> number = ParseNumber<double>(text);
  return number && std::isnan(*number) ? std::nullopt : number;  // nothing compares with NaN
}

template <typename Fields>
auto Find(const Fields& fields, const std::string& name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

// Goes through the text of a condition. Columns in errors count from 1.
class Parser {
 public:
  using Terms = std::vector<std::shared_ptr<const Condition::Term>>;

  explicit Parser(std::string_view text) : text_(text) {}

  Result<Terms> Parse() {
    Terms terms;
    SkipSpace();
    if (AtEnd()) return terms;
    for (;;) {
      QT_ASSIGN(auto term, ParseTerm());
      terms.push_back(std::move(term));
      SkipSpace();
      if (AtEnd()) return terms;
      if (!Take("&&") && !Take(",")) {
        return Error(position_, "comparisons are joined by && or a comma, not by '" +
                                    std::string(text_.substr(position_, 2)) + "'");
      }
    }
  }

 private:
  bool AtEnd() const { return position_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[position_]; }
  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\t') ++position_;
  }
  bool Take(std::string_view token) {
    if (!text_.substr(position_).starts_with(token)) return false;
    position_ += token.size();
    return true;
  }
  Status Error(size_t position, const std::string& message) const {
    return Usage(": " + message + " (at column " + std::to_string(position + 1) + " of '" +
                 std::string(text_) + "')");
  }

  std::string ParseName() {
    const size_t start = position_;
    while (std::isalnum(static_cast<unsigned char>(Peek())) || Peek() == '_' || Peek() == '.') {
      ++position_;
    }
    return std::string(text_.substr(start, position_ - start));
  }

  Result<Op> ParseOp() {
    static constexpr std::array<std::pair<std::string_view, Op>, 7> kOps = {
        {{"==", Op::kEqual},
         {"!=", Op::kNotEqual},
         {"<=", Op::kLessEqual},
         {">=", Op::kGreaterEqual},
         {"=", Op::kEqual},
         {"<", Op::kLess},
         {">", Op::kGreater}}};
    SkipSpace();
    for (const auto& [token, op] : kOps) {
      if (Take(token)) return op;
    }
    return Error(position_, "a comparison is missing: = != < <= > >=");
  }

  // A word ends at a space, a comma or &&; a quoted text at its quote.
  Result<std::string> ParseText() {
    SkipSpace();
    const size_t start = position_;
    const char quote = Peek();
    if (quote == '"' || quote == '\'') {
      const size_t end = text_.find(quote, start + 1);
      if (end == std::string_view::npos) return Error(start, "a quote is not closed");
      position_ = end + 1;
      return std::string(text_.substr(start + 1, end - start - 1));
    }
    while (!AtEnd() && Peek() != ' ' && Peek() != ',' &&
           !text_.substr(position_).starts_with("&&")) {
      ++position_;
    }
    if (position_ == start) return Error(start, "a value is missing");
    return std::string(text_.substr(start, position_ - start));
  }

  Result<std::shared_ptr<const Condition::Term>> ParseTerm() {
    SkipSpace();
    const size_t name_at = position_;
    const std::string name = ParseName();
    if (name.empty()) return Error(name_at, "the name of a field is missing");
    const NumberField* number = Find(kNumberFields, name);
    const TextField* text = Find(kTextFields, name);
    const bool env = name.starts_with("env.") && name.size() > 4;
    if (number == nullptr && text == nullptr && !env && name != "seed") {
      return Error(name_at, "unknown field '" + name + "'; there are " + ConditionFields());
    }
    SkipSpace();
    const size_t op_at = position_;
    QT_ASSIGN(const Op op, ParseOp());
    SkipSpace();
    const size_t value_at = position_;
    QT_ASSIGN(std::string value, ParseText());
    if (env) {
      const std::optional<double> parsed = ParseValue(value);
      return Made<EnvTerm>(name.substr(4), op, std::move(value), parsed);
    }
    if (text != nullptr) {
      if (op != Op::kEqual && op != Op::kNotEqual) {
        return Error(op_at, "'" + name + "' is text: it can only be compared with = and !=");
      }
      return Made<TextTerm>(text->get, op, std::move(value));
    }
    return MakeNumber(name, number, op, value, value_at);
  }

  Result<std::shared_ptr<const Condition::Term>> MakeNumber(const std::string& name,
                                                            const NumberField* field, Op op,
                                                            const std::string& value,
                                                            size_t value_at) const {
    if (field == nullptr) {
      const std::optional<uint64_t> seed = ParseNumber<uint64_t>(value);
      if (!seed) return Error(value_at, "'" + value + "' is no seed: a whole number is needed");
      return Made<SeedTerm>(op, *seed);
    }
    const std::optional<double> parsed = ParseValue(value);
    if (!parsed) return Error(value_at, "'" + value + "' is no number, and " + name + " is one");
    return Made<NumberTerm>(field->get, op, *parsed);
  }

  template <typename Term, typename... Args>
  static std::shared_ptr<const Condition::Term> Made(Args&&... args) {
    return std::make_shared<const Term>(std::forward<Args>(args)...);
  }

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace

std::string ConditionFields() {
  std::string names;
  for (const NumberField& field : kNumberFields) names += std::string(field.name) + ", ";
  names += "seed, ";
  for (const TextField& field : kTextFields) names += std::string(field.name) + ", ";
  return names + "env.NAME";
}

Result<Condition> Condition::Parse(std::string_view text) {
  Condition condition;
  condition.text_ = text;
  QT_ASSIGN(condition.terms_, Parser(text).Parse());
  return condition;
}

bool Condition::Holds(const Episode& episode, const Label* label) const {
  return std::all_of(terms_.begin(), terms_.end(),
                     [&](const auto& term) { return term->Holds(episode, label); });
}

}  // namespace qt::data
