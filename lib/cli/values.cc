// SPDX-License-Identifier: Apache-2.0
#include "cli/values.h"

#include <algorithm>

namespace qt::cli {

bool IsBool(const Flag& flag) { return std::holds_alternative<bool*>(flag.target); }
bool IsList(const Flag& flag) {
  return std::holds_alternative<std::vector<std::string>*>(flag.target);
}

bool IsExactlyOne(const Flag& flag) { return flag.positional && flag.min == 1 && flag.max == 1; }

Status Assign(const Flag& flag, const std::vector<std::string>& values, std::string_view shown) {
  if (IsExactlyOne(flag) && values.size() != 1) {
    return Usage("exactly one " + std::string(shown) + " is needed: " + flag.help);
  }
  const auto named = [&shown](const Status& status) {
    return status.ok() ? status : Usage(std::string(shown) + status.message());
  };
  if (IsList(flag)) {
    *std::get<std::vector<std::string>*>(flag.target) = values;
    return Ok();
  }
  if (values.empty()) return Ok();
  if (!flag.choices.empty() && !std::ranges::count(flag.choices, values.back())) {
    return named(NotAChoice(values.back(), flag.choices));
  }
  return named(ParseInto(flag.target, {.min = flag.min, .max = flag.max}, values.back()));
}

std::string ValueText(const Flag& flag) { return TextOf(flag.target); }

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

}  // namespace qt::cli
