// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/suggest.h"
#include "cli/values.h"
#include "json/bounded_json.h"
#include "json/json.h"

namespace qt::cli {
namespace {

std::vector<std::string> LongNames(const FlagTable& table, bool config_keys) {
  std::vector<std::string> names;
  for (const Flag& flag : table.flags()) {
    if (flag.positional || flag.hidden || (config_keys && flag.builtin)) continue;
    names.push_back(flag.name);
    if (!config_keys && IsBool(flag) && flag.negatable) names.push_back("no-" + flag.name);
  }
  return names;
}

const Flag* Find(const FlagTable& table, std::string_view name) {
  for (const Flag& flag : table.flags()) {
    if (flag.positional) continue;
    if (flag.name == name || std::ranges::count(flag.aliases, name)) return &flag;
  }
  return nullptr;
}

bool IsLongFlag(std::string_view word) { return word.size() > 2 && word.starts_with("--"); }

// Kebab case for the names of long flags, and the two ways to forget a value that CLI11 would
// satisfy with the next word.
Result<std::vector<std::string>> Normalize(const FlagTable& table,
                                           const std::vector<std::string>& words) {
  std::vector<std::string> normal = words;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") break;
    if (!IsLongFlag(words[i])) continue;
    const size_t equals = words[i].find('=');
    const std::string name = Kebab(std::string_view(words[i]).substr(2, equals - 2));
    const bool has_value = equals != std::string::npos;
    normal[i] = "--" + name + (has_value ? words[i].substr(equals) : "");
    const Flag* flag = Find(table, name);
    if (!flag || IsBool(*flag)) continue;
    const bool empty = has_value && equals + 1 == words[i].size();
    const bool swallows = !has_value && i + 1 < words.size() && IsLongFlag(words[i + 1]);
    if (empty || swallows) return Usage("--" + name + " needs a value");
    if (!has_value) ++i;  // the value is not a flag, whatever it looks like
  }
  return normal;
}

CLI::Option* Register(const Flag& flag, CLI::App* app) {
  const std::string short_name = flag.short_name ? "-" + std::string(1, flag.short_name) + "," : "";
  std::string names = short_name + "--" + flag.name;
  std::string opposite = ",!--no-" + flag.name;
  for (const std::string& alias : flag.aliases) {
    names += ",--" + alias;
    opposite += ",!--no-" + alias;
  }
  CLI::Option* option = nullptr;
  if (IsBool(flag)) {
    option = app->add_flag(flag.negatable ? names + opposite : names);
  } else {
    option = app->add_option(names);
  }
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);  // Assign takes the last of them
  return option;
}

// What CLI11 did not recognise: a wrong flag, or an argument that is not a flag.
Status TakeRest(const FlagTable& table, const std::vector<std::string>& rest, Arguments* out) {
  const bool takes_arguments =
      std::ranges::any_of(table.flags(), [](const Flag& flag) { return flag.positional; });
  bool flags_ended = false;
  for (const std::string& word : rest) {
    if (!flags_ended && word == "--") {
      flags_ended = true;
    } else if (!flags_ended && word.size() > 1 && word[0] == '-') {
      const std::string name = word.substr(0, word.find('='));
      const std::string bare = name.starts_with("--") ? name.substr(2) : name.substr(1);
      return Usage("unknown flag '" + name + "'" + DidYouMean(bare, LongNames(table, false), "--"));
    } else if (!takes_arguments) {
      return Usage("unexpected argument '" + word + "'");
    } else {
      out->positionals.push_back(word);
    }
  }
  return Ok();
}

// "-n: 1 required TEXT missing" and the like, in our words.
Status InOurWords(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string name = text.substr(0, text.find(':'));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) {
    return Usage((name.starts_with("-") ? name : "--" + name) + " needs a value");
  }
  return Usage(text);
}

Result<std::vector<std::string>> ConfigValues(const Json& value) {
  if (value.is_string()) return std::vector<std::string>{value.get<std::string>()};
  if (value.is_boolean() || value.is_number()) return std::vector<std::string>{json::Dump(value)};
  if (!value.is_array()) return Usage("a value is a string, a number, true, false or a list");
  std::vector<std::string> values;
  for (const Json& item : value) {
    if (item.is_structured() || item.is_null()) return Usage("a list holds plain values");
    values.push_back(item.is_string() ? item.get<std::string>() : json::Dump(item));
  }
  return values;
}

Status StoreConfigKey(const FlagTable& table, const std::string& key, const Json& value) {
  const Flag* flag = Find(table, Kebab(key));
  if (!flag || flag->builtin) {
    return Usage("unknown key '" + key + "'" + DidYouMean(Kebab(key), LongNames(table, true)));
  }
  Result<std::vector<std::string>> values = ConfigValues(value);
  if (!values.ok()) return Usage("key '" + key + "': " + values.status().message());
  if (value.is_array() && !IsList(*flag)) return Usage("key '" + key + "' takes one value");
  return Assign(*flag, *values, "key '" + key + "'");
}

Result<Json> ParseConfig(const std::string& text) {
  Result<Json> config = json::Parse(text);
  if (!config.ok()) {
    const std::optional<uint64_t> offset = config.status().offset_bytes();
    Status wrong = Usage(config.status().message());
    return offset ? std::move(wrong).At("", *offset) : wrong;
  }
  if (!config->is_object()) return Usage("is not a JSON object");
  return config;
}

Status StoreConfig(const FlagTable& table, const std::string& text) {
  QT_ASSIGN(const Json config, ParseConfig(text));
  for (const auto& [key, value] : config.items()) QT_TRY(StoreConfigKey(table, key, value));
  return Ok();
}

Status StorePreset(const FlagTable& table, const Flag& flag, const Arguments& arguments,
                   const std::string& config_text) {
  if (!config_text.empty()) {
    QT_ASSIGN(const Json config, ParseConfig(config_text));
    for (const auto& [key, value] : config.items()) {
      if (Find(table, Kebab(key)) == &flag) QT_TRY(StoreConfigKey(table, key, value));
    }
  }
  const auto given = arguments.flags.find(flag.name);
  if (given != arguments.flags.end()) QT_TRY(Assign(flag, given->second, "--" + flag.name));
  flag.preset();
  return Ok();
}

}  // namespace

Result<Arguments> Split(const FlagTable& table, const std::vector<std::string>& words) {
  QT_ASSIGN(std::vector<std::string> normal, Normalize(table, words));
  Arguments arguments;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, CLI::Option*> options;
  for (const Flag& flag : table.flags()) {
    if (!flag.positional) options[flag.name] = Register(flag, &app);
  }
  std::ranges::reverse(normal);  // CLI11 wants the last word first
  try {
    app.parse(normal);
  } catch (const CLI::ParseError& error) {
    return InOurWords(error);
  }
  QT_TRY(TakeRest(table, app.remaining(), &arguments));
  for (const auto& [name, option] : options) {
    if (option->count() > 0) arguments.flags[name] = option->results();
  }
  return arguments;
}

Status Store(const FlagTable& table, const Arguments& arguments, const std::string& config_name,
             const std::string& config_text) {
  for (const Flag& flag : table.flags()) {
    if (flag.preset) QT_TRY(StorePreset(table, flag, arguments, config_text).At(config_name));
  }
  if (!config_name.empty()) QT_TRY(StoreConfig(table, config_text).At(config_name));
  for (const auto& [name, values] : arguments.flags) {
    QT_TRY(Assign(*Find(table, name), values, "--" + name));
  }
  for (const Flag& flag : table.flags()) {
    if (flag.positional) QT_TRY(Assign(flag, arguments.positionals, flag.metavar));
  }
  return Ok();
}

std::string ParserVersion() { return CLI11_VERSION; }

}  // namespace qt::cli
