// SPDX-License-Identifier: Apache-2.0
// The flag table of a tool: the one place from which parsing, --help, --config, the man page, the
// shell completions and the CLI tests are made. Filling it opens no file.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/setting.h"
#include "base/status.h"

namespace qt::cli {

struct Flag {
  std::string name;                   // long name without dashes, kebab case: "num-envs"
  char short_name = 0;                // 'n' or 0
  std::vector<std::string> aliases;   // older names, still read and not shown
  Target target;                      // where the value goes
  std::vector<std::string> defaults;  // what it held when the flag was added
  std::string metavar;                // "N", "FILE"; unused for bool
  std::string help;                   // one sentence, lower case start, no full stop
  std::string group;                  // heading in --help and the man page
  double min = 0, max = 0;            // numbers: inclusive range if min < max
  std::vector<std::string> choices;   // the only values allowed, if not empty
  std::vector<std::string> words;     // values that completions offer beside files
  bool positional = false;
  bool negatable = true;  // bool: there is a --no-NAME too
  bool builtin = false;   // --help and the like: answered by lib/cli, not allowed in --config
  // A preset: runs when the flag has been stored, before any other flag or key is, so that those
  // win over what it sets.
  std::function<void()> preset;
  bool hidden = false;      // not in --help, the man page and the completions
  bool incidental = false;  // never changes the result: where it goes, how fast it is made

  Flag& Range(double low, double high) {
    min = low;
    max = high;
    return *this;
  }
};

class FlagTable {
 public:
  // "qt-label" (or "qt-data dump" for a command of a tool), "label episodes from pictures".
  FlagTable(std::string tool, std::string summary);

  // A flag of any type of base/setting.h. The returned reference is valid until the next Add. A
  // bool becomes --name and --no-name.
  template <class T>
  Flag& Add(std::string name, T* target, std::string metavar, std::string help) {
    return AddFlag(0, std::move(name), TargetOf(target), std::move(metavar), std::move(help));
  }
  template <class T>
  Flag& Add(char short_name, std::string name, T* target, std::string metavar, std::string help) {
    return AddFlag(short_name, std::move(name), TargetOf(target), std::move(metavar),
                   std::move(help));
  }
  Flag& Add(const Field& field);  // REQUIRES: no struct
  // A table has at most one; it gets all arguments that are not flags. With min = max = 1 there
  // must be exactly one.
  Flag& AddPositional(std::string metavar, std::vector<std::string>* target, std::string help);
  void BeginGroup(std::string heading);  // of the flags added from now on

  // Of flags that never change the result: where it goes, how fast it is made. REQUIRES: they are
  // there.
  void MarkIncidental(std::initializer_list<std::string_view> names);

  // Runs after parsing and before the work: cross-flag rules. Give a Usage status.
  void AddCheck(std::function<Status()> check);
  // A usage example: what it does, and the command line.
  void AddExample(std::string what, std::string command);
  // Longer prose for the man page's DESCRIPTION is in tools/<tool>/<tool>.1.md.
  void AddLibraryVersion(std::string name, std::string version);  // for --version

  const std::string& tool() const { return tool_; }
  const std::string& summary() const { return summary_; }
  std::vector<Flag>& flags() { return flags_; }
  Flag& Get(std::string_view name);  // REQUIRES: it is there
  const std::vector<Flag>& flags() const { return flags_; }
  const std::vector<std::function<Status()>>& checks() const { return checks_; }
  struct Example {
    std::string what, command;
  };
  const std::vector<Example>& examples() const { return examples_; }
  const std::vector<std::pair<std::string, std::string>>& libraries() const { return libraries_; }

 private:
  Flag& AddFlag(char short_name, std::string name, Target target, std::string metavar,
                std::string help);

  std::string tool_, summary_, group_;
  std::vector<Flag> flags_;
  std::vector<std::function<Status()>> checks_;
  std::vector<Example> examples_;
  std::vector<std::pair<std::string, std::string>> libraries_;
};

void AddFlags(FlagTable& table, const std::vector<Field>& fields,
              std::initializer_list<std::string_view> names);

// The settings of a struct as flags: those named (in snake_case, in this order, from the structs
// within too), or all. `config` must outlive the table. REQUIRES: the names are there.
template <Configured C>
void AddFlags(FlagTable& table, C& config, std::initializer_list<std::string_view> names = {}) {
  AddFlags(table, FieldsOf(config), names);
}

void AddOtherFlags(FlagTable& table, const std::vector<Field>& fields,
                   std::initializer_list<std::string_view> without);

// The settings of the struct itself (not of structs within) that are no flags of the table yet,
// without those named: so that a new setting becomes a flag of every tool that has the others.
template <Configured C>
void AddOtherFlags(FlagTable& table, C& config,
                   std::initializer_list<std::string_view> without = {}) {
  AddOtherFlags(table, FieldsOf(config), without);
}

// `_` for `-` is allowed in names: the kebab-case form.
std::string Kebab(std::string_view name);

}  // namespace qt::cli
