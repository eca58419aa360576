// SPDX-License-Identifier: Apache-2.0
#include "cli/flag_table.h"

#include <algorithm>

#include "base/check.h"

namespace qt::cli {

FlagTable::FlagTable(std::string tool, std::string summary)
    : tool_(std::move(tool)), summary_(std::move(summary)), group_("Options") {}

Flag& FlagTable::AddFlag(char short_name, std::string name, Target target, std::string metavar,
                         std::string help) {
  for (const Flag& other : flags_) {
    QT_CHECK(other.positional || other.name != name, name, "is in the table twice");
    QT_CHECK(short_name == 0 || other.short_name != short_name, name, short_name);
  }
  Flag flag;
  flag.name = std::move(name);
  flag.short_name = short_name;
  flag.target = std::move(target);
  flag.metavar = std::move(metavar);
  flag.help = std::move(help);
  flag.group = group_;
  flag.defaults = TextsOf(flag.target);
  flag.choices = ChoicesOf(flag.target);
  return flags_.emplace_back(std::move(flag));
}

Flag& FlagTable::Add(const Field& field) {
  QT_CHECK(!field.is_struct(), field.name);
  const Setting& about = field.about;
  Flag& flag =
      AddFlag(about.short_name, Kebab(field.name), field.target, about.metavar, about.help);
  if (*about.alias) flag.aliases = {Kebab(about.alias)};
  flag.negatable = about.negatable;
  flag.incidental = about.incidental;
  return flag.Range(about.min, about.max);
}

Flag& FlagTable::Get(std::string_view name) {
  const auto flag = std::ranges::find(flags_, name, &Flag::name);
  QT_CHECK(flag != flags_.end(), name);
  return *flag;
}

Flag& FlagTable::AddPositional(std::string metavar, std::vector<std::string>* target,
                               std::string help) {
  for (const Flag& other : flags_) QT_CHECK(!other.positional, metavar, other.metavar);
  Flag flag;
  flag.target = target;
  flag.metavar = std::move(metavar);
  flag.help = std::move(help);
  flag.group = "Arguments";
  flag.positional = true;
  return flags_.emplace_back(std::move(flag));
}

void FlagTable::BeginGroup(std::string heading) { group_ = std::move(heading); }

void FlagTable::MarkIncidental(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) Get(name).incidental = true;
}

void FlagTable::AddCheck(std::function<Status()> check) { checks_.push_back(std::move(check)); }

void FlagTable::AddExample(std::string what, std::string command) {
  examples_.push_back({std::move(what), std::move(command)});
}

void FlagTable::AddLibraryVersion(std::string name, std::string version) {
  libraries_.emplace_back(std::move(name), std::move(version));
}

void AddFlags(FlagTable& table, const std::vector<Field>& fields,
              std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Field* field = FindField(fields, name);
    QT_CHECK(field != nullptr, name);
    table.Add(*field);
  }
  if (names.size() > 0) return;
  for (const Field& field : fields) {
    if (field.is_struct()) {
      AddFlags(table, field.fields, {});
    } else {
      table.Add(field);
    }
  }
}

void AddOtherFlags(FlagTable& table, const std::vector<Field>& fields,
                   std::initializer_list<std::string_view> without) {
  for (const Field& field : fields) {
    const bool is_there = std::ranges::count(table.flags(), Kebab(field.name), &Flag::name) > 0;
    if (is_there || field.is_struct() || std::ranges::count(without, field.name) > 0) continue;
    table.Add(field);
  }
}

std::string Kebab(std::string_view name) {
  std::string kebab(name);
  std::ranges::replace(kebab, '_', '-');
  return kebab;
}

}  // namespace qt::cli
