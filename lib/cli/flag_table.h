// The flag table of a tool: the one place from which parsing, --help, --config, the man page, the
// shell completions and the CLI tests are made. Filling it opens no file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"

namespace qt::cli {

// Where a flag's value goes; its type decides how it is parsed and shown. A list is filled by
// repeating the flag.
using Target = std::variant<bool*, int*, int64_t*, uint64_t*, double*, std::string*,
                            std::vector<std::string>*>;

struct Flag {
  std::string name;                  // long name without dashes, kebab case: "num-envs"
  char short_name = 0;               // 'n' or 0
  Target target;                     // holds the default
  std::string metavar;               // "N", "FILE"; unused for bool
  std::string help;                  // one sentence, lower case start, no full stop
  std::string group;                 // heading in --help and the man page
  double min = 0, max = 0;           // numbers: inclusive range if min < max
  std::vector<std::string> choices;  // strings: the only values allowed, if not empty
  bool positional = false;
  bool negatable = true;  // bool: there is a --no-NAME too
  bool builtin = false;   // --help and the like: answered by lib/cli, not allowed in --config
  // A preset: runs when the flag has been stored, before any other flag or key is, so that those
  // win over what it sets.
  std::function<void()> preset;
  bool hidden = false;  // not in --help, the man page and the completions

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

  // The returned reference is valid until the next Add. bool targets become --name and --no-name.
  Flag& Add(std::string name, Target target, std::string metavar, std::string help);
  Flag& Add(char short_name, std::string name, Target target, std::string metavar,
            std::string help);
  // A table has at most one; it gets all arguments that are not flags. With min = max = 1 there
  // must be exactly one.
  Flag& AddPositional(std::string metavar, std::vector<std::string>* target, std::string help);
  void BeginGroup(std::string heading);  // of the flags added from now on

  // Runs after parsing and before the work: cross-flag rules. Give a Usage status.
  void AddCheck(std::function<Status()> check);
  // A usage example: what it does, and the command line.
  void AddExample(std::string what, std::string command);
  // Longer prose for the man page's DESCRIPTION is in tools/<tool>/<tool>.1.md.
  void AddLibraryVersion(std::string name, std::string version);  // for --version

  const std::string& tool() const { return tool_; }
  const std::string& summary() const { return summary_; }
  std::vector<Flag>& flags() { return flags_; }
  const std::vector<Flag>& flags() const { return flags_; }
  const std::vector<std::function<Status()>>& checks() const { return checks_; }
  struct Example {
    std::string what, command;
  };
  const std::vector<Example>& examples() const { return examples_; }
  const std::vector<std::pair<std::string, std::string>>& libraries() const { return libraries_; }

 private:
  std::string tool_, summary_, group_;
  std::vector<Flag> flags_;
  std::vector<std::function<Status()>> checks_;
  std::vector<Example> examples_;
  std::vector<std::pair<std::string, std::string>> libraries_;
};

}  // namespace qt::cli
