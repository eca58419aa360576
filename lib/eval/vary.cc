// SPDX-License-Identifier: Apache-2.0
#include "eval/vary.h"

#include <algorithm>
#include <set>
#include <utility>

namespace qt::eval {
namespace {

constexpr size_t kMostSettings = 100;

std::vector<std::string> SplitAt(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

Status Malformed(const std::string& text) {
  return Usage(
      "--vary wants a flag and two or more different values, as in 'disturb=none|knock', not '" +
      text + "'");
}

}  // namespace

std::string ToString(const FlagValues& setting) {
  std::string text;
  for (const FlagValue& each : setting) {
    text += (text.empty() ? "--" : " --") + each.flag + " " + each.value;
  }
  return text;
}

Result<std::vector<FlagValue>> ParseVary(const std::string& text) {
  const size_t name = std::min(text.find_first_not_of('-'), text.size());
  const size_t name_end = std::min(text.find_first_of(" =", name), text.size());
  const size_t values = std::min(text.find_first_not_of(" =", name_end), text.size());
  const std::string flag = text.substr(name, name_end - name);
  std::vector<FlagValue> parsed;
  std::set<std::string> seen;
  for (const std::string& value : SplitAt(text.substr(values), '|')) {
    if (value.empty() || !seen.insert(value).second) return Malformed(text);
    parsed.push_back({flag, value});
  }
  if (flag.empty() || parsed.size() < 2) return Malformed(text);
  return parsed;
}

Result<std::vector<FlagValues>> CombinationsOf(const std::vector<std::string>& texts) {
  std::vector<FlagValues> settings = {{}};
  std::set<std::string> flags;
  for (const std::string& text : texts) {
    QT_ASSIGN(const std::vector<FlagValue> values, ParseVary(text));
    if (!flags.insert(values[0].flag).second) {
      return Usage("--vary names --" + values[0].flag + " twice: give all its values at once");
    }
    std::vector<FlagValues> longer;
    for (const FlagValues& setting : settings) {
      for (const FlagValue& value : values) {
        longer.push_back(setting);
        longer.back().push_back(value);
      }
    }
    settings = std::move(longer);
    if (settings.size() > kMostSettings) return Usage("--vary makes more than 100 settings");
  }
  return settings;
}

}  // namespace qt::eval
