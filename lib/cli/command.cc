#include "cli/command.h"

#include "base/check.h"
#include "base/suggest.h"
#include "cli/values.h"

namespace qt::cli {
namespace {

std::string PositionalText(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += " " + ShellQuote(value);
  return text;
}

}  // namespace

std::string FlagText(const Difference& difference) {
  const std::string name = Kebab(difference.name);
  std::string text;
  for (const std::string& value : difference.texts) {
    text += difference.is_bool ? (value == "true" ? " --" : " --no-") + name
                               : " --" + name + " " + ShellQuote(value);
  }
  return text;
}

std::string CommandOf(const FlagTable& given, const FlagTable& defaults,
                      const std::set<std::string>& without) {
  QT_CHECK(given.flags().size() == defaults.flags().size(), given.tool(), defaults.tool());
  std::string command = given.tool();
  for (size_t i = 0; i < given.flags().size(); ++i) {
    const Flag& flag = given.flags()[i];
    const std::vector<std::string> texts = TextsOf(flag.target);
    if (texts == TextsOf(defaults.flags()[i].target) || without.contains(flag.name)) continue;
    command += flag.positional ? PositionalText(texts) : FlagText({flag.name, texts, IsBool(flag)});
  }
  return command;
}

Status SetFlag(const FlagTable& table, const std::string& name, const std::string& value) {
  std::vector<std::string> names;
  for (const Flag& flag : table.flags()) {
    if (flag.name == Kebab(name)) return Assign(flag, {value}, "--" + flag.name);
    names.push_back(flag.name);
  }
  return Usage("there is no flag '--" + name + "' here" + DidYouMean(name, names, "--"));
}

}  // namespace qt::cli
