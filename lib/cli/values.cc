#include "cli/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

namespace qt::cli {
namespace {

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string NumberText(double value) {
  std::array<char, 32> buffer;
  char* const first = buffer.data();
  char* const last = first + buffer.size();
  // Numbers look as people write them: 10000000 and 0.0005, but 1e-09.
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-5 && size < 1e15);
  const auto end = plain ? std::to_chars(first, last, value, std::chars_format::fixed)
                         : std::to_chars(first, last, value);
  return std::string(buffer.data(), end.ptr);
}

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
Status ParseInteger(std::string_view text, std::string_view shown, Integer* value) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  const bool all = end.ptr == digits.data() + digits.size() && !digits.empty();
  if (all && end.ec == std::errc()) return Ok();
  if (all && end.ec == std::errc::result_out_of_range) {
    return Usage(std::string(shown) + ": " + std::string(text) + " is out of range");
  }
  if (ParseExponent(text, value)) return Ok();
  const bool negative = std::is_unsigned_v<Integer> && text.starts_with('-');
  return Usage(std::string(shown) + " needs " +
               (negative ? "a whole number that is not negative" : "a whole number") + ", not " +
               Quoted(text));
}

Status CheckRange(const Flag& flag, double value, std::string_view text, std::string_view shown) {
  if (!(flag.min < flag.max) || (value >= flag.min && value <= flag.max)) return Ok();
  return Usage(std::string(shown) + ": " + std::string(text) + " is out of range (" +
               NumberText(flag.min) + " to " + NumberText(flag.max) + ")");
}

Status CheckChoice(const Flag& flag, const std::string& value, std::string_view shown) {
  if (flag.choices.empty() || std::ranges::count(flag.choices, value)) return Ok();
  std::string all;
  for (const std::string& choice : flag.choices) all += (all.empty() ? "" : ", ") + choice;
  return Usage(std::string(shown) + " is one of " + all + ", not " + Quoted(value) +
               DidYouMean(value, flag.choices));
}

struct Assigner {
  const Flag& flag;
  const std::vector<std::string>& values;
  std::string_view shown;
  const std::string& last() const { return values.back(); }

  Status operator()(bool* target) const {
    const std::string& text = last();
    const bool yes = text == "true" || text == "1" || text == "on" || text == "yes";
    const bool no = text == "false" || text == "0" || text == "off" || text == "no";
    if (!yes && !no) return Usage(std::string(shown) + " is true or false, not " + Quoted(text));
    *target = yes;
    return Ok();
  }
  template <typename Integer>
  Status operator()(Integer* target) const {
    Integer value = 0;
    QT_TRY(ParseInteger(last(), shown, &value));
    QT_TRY(CheckRange(flag, static_cast<double>(value), last(), shown));
    *target = value;
    return Ok();
  }
  Status operator()(double* target) const {
    double value = 0;
    if (!ParseDouble(last(), &value)) {
      return Usage(std::string(shown) + " needs a number, not " + Quoted(last()));
    }
    QT_TRY(CheckRange(flag, value, last(), shown));
    *target = value;
    return Ok();
  }
  Status operator()(std::string* target) const {
    QT_TRY(CheckChoice(flag, last(), shown));
    *target = last();
    return Ok();
  }
  Status operator()(std::vector<std::string>* target) const {
    for (const std::string& value : values) QT_TRY(CheckChoice(flag, value, shown));
    *target = values;
    return Ok();
  }
};

struct Shower {
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const double* value) const { return NumberText(*value); }
  std::string operator()(const std::string* value) const { return *value; }
  std::string operator()(const std::vector<std::string>* value) const {
    std::string all;
    for (const std::string& item : *value) all += (all.empty() ? "" : " ") + item;
    return all;
  }
  template <typename Integer>
  std::string operator()(const Integer* value) const {
    return std::to_string(*value);
  }
};

// Edits to make b of a: insert, delete, replace, swap neighbours (optimal string alignment).
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

bool IsBool(const Flag& flag) { return std::holds_alternative<bool*>(flag.target); }
bool IsList(const Flag& flag) {
  return std::holds_alternative<std::vector<std::string>*>(flag.target);
}

bool IsExactlyOne(const Flag& flag) { return flag.positional && flag.min == 1 && flag.max == 1; }

Status Assign(const Flag& flag, const std::vector<std::string>& values, std::string_view shown) {
  if (IsExactlyOne(flag) && values.size() != 1) {
    return Usage("exactly one " + std::string(shown) + " is needed: " + flag.help);
  }
  if (values.empty()) {
    if (IsList(flag)) std::get<std::vector<std::string>*>(flag.target)->clear();
    return Ok();
  }
  return std::visit(Assigner{flag, values, shown}, flag.target);
}

std::string ValueText(const Flag& flag) { return std::visit(Shower{}, flag.target); }

std::string Nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(1, std::min<size_t>(3, word.size() / 2)) + 1;
  for (const std::string& candidate : candidates) {
    // A beginning of the right word is as good as one slip.
    const bool beginning = word.size() >= 3 && candidate.starts_with(word);
    const size_t distance = beginning ? 1 : EditDistance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates,
                       std::string_view prefix) {
  const std::string nearest = Nearest(word, candidates);
  return nearest.empty() ? "" : ", did you mean '" + std::string(prefix) + nearest + "'?";
}

std::string ShellQuote(std::string_view word) {
  const std::string_view safe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
      "%+,-./:=@_";
  if (!word.empty() && word.find_first_not_of(safe) == std::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string Kebab(std::string_view name) {
  std::string kebab(name);
  std::ranges::replace(kebab, '_', '-');
  return kebab;
}

}  // namespace qt::cli
