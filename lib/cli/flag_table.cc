#include "cli/flag_table.h"

#include "base/check.h"

namespace qt::cli {

FlagTable::FlagTable(std::string tool, std::string summary)
    : tool_(std::move(tool)), summary_(std::move(summary)), group_("Options") {}

Flag& FlagTable::Add(std::string name, Target target, std::string metavar, std::string help) {
  return Add(0, std::move(name), target, std::move(metavar), std::move(help));
}

Flag& FlagTable::Add(char short_name, std::string name, Target target, std::string metavar,
                     std::string help) {
  for (const Flag& other : flags_) {
    QT_CHECK(other.positional || other.name != name, name, "is in the table twice");
    QT_CHECK(short_name == 0 || other.short_name != short_name, name, short_name);
  }
  Flag flag;
  flag.name = std::move(name);
  flag.short_name = short_name;
  flag.target = target;
  flag.metavar = std::move(metavar);
  flag.help = std::move(help);
  flag.group = group_;
  return flags_.emplace_back(std::move(flag));
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

void FlagTable::AddCheck(std::function<Status()> check) { checks_.push_back(std::move(check)); }

void FlagTable::AddExample(std::string what, std::string command) {
  examples_.push_back({std::move(what), std::move(command)});
}

void FlagTable::AddLibraryVersion(std::string name, std::string version) {
  libraries_.emplace_back(std::move(name), std::move(version));
}

}  // namespace qt::cli
