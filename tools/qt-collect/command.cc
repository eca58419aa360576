// The command that reproduces a run, for the lineage record of the file.
#include <algorithm>
#include <sstream>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "options.h"

namespace qt::collect {
namespace {

std::string TextOf(const cli::Target& target) {
  return std::visit(
      [](const auto* value) {
        std::ostringstream text;
        text.precision(17);
        if constexpr (!std::is_same_v<decltype(value), const std::vector<std::string>*>) {
          text << *value;
        }
        return text.str();
      },
      target);
}

std::string Quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_./:=,+-@").find(char(c)) != std::string_view::npos;
  });
  if (plain) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool MatchesAnyRun(const std::string& flag) { return flag == "output" || flag == "num-envs"; }

}  // namespace

std::string ReproducingCommand(const Options& options) {
  Options given = options, defaults;
  const cli::FlagTable given_table = Describe(&given), default_table = Describe(&defaults);
  std::string command = given_table.tool();
  for (size_t i = 0; i < given_table.flags().size(); ++i) {
    const cli::Flag& flag = given_table.flags()[i];
    const std::string value = TextOf(flag.target);
    if (MatchesAnyRun(flag.name)) continue;
    if (value == TextOf(default_table.flags()[i].target)) continue;
    if (std::holds_alternative<bool*>(flag.target)) {
      command += (value == "1" ? " --" : " --no-") + flag.name;
    } else {
      command += " --" + flag.name + " " + Quoted(value);
    }
  }
  return command;
}

}  // namespace qt::collect
