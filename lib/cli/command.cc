// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include "cli/values.h"

namespace qt::cli {
std::string FlagText(const Difference& difference) {
  const std::string name = Kebab(difference.name);
  std::string text;
  for (const std::string& value : difference.texts) {
    text += difference.is_bool ? (value == "true" ? " --" : " --no-") + name
                               : " --" + name + " " + ShellQuote(value);
  }
  return text;
}

std::string CommandOf(const FlagTable& table) {
  std::string command = table.tool();
  for (const Flag& flag : table.flags()) {
    if (flag.positional || flag.incidental) continue;
    std::vector<std::string> texts = TextsOf(flag.target);
    if (texts == flag.defaults) continue;
    command += FlagText({flag.name, std::move(texts), IsBool(flag)});
  }
  return command;
}

}  // namespace qt::cli
