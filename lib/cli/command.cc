#include "cli/command.h"

#include "base/check.h"
#include "cli/values.h"

namespace qt::cli {
namespace {

std::string ListText(const Flag& flag) {
  std::string text;
  for (const std::string& value : *std::get<std::vector<std::string>*>(flag.target)) {
    text += flag.positional ? " " : " --" + flag.name + " ";
    text += ShellQuote(value);
  }
  return text;
}

std::string FlagText(const Flag& flag) {
  if (IsList(flag)) return ListText(flag);
  if (!IsBool(flag)) return " --" + flag.name + " " + ShellQuote(ValueText(flag));
  return (*std::get<bool*>(flag.target) ? " --" : " --no-") + flag.name;
}

}  // namespace

std::string CommandOf(const FlagTable& given, const FlagTable& defaults,
                      const std::set<std::string>& without) {
  QT_CHECK(given.flags().size() == defaults.flags().size(), given.tool(), defaults.tool());
  std::string command = given.tool();
  for (size_t i = 0; i < given.flags().size(); ++i) {
    const Flag& flag = given.flags()[i];
    const bool is_default = ValueText(flag) == ValueText(defaults.flags()[i]);
    if (!is_default && !without.contains(flag.name)) command += FlagText(flag);
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
