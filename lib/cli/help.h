// SPDX-License-Identifier: Apache-2.0
// Texts made from flag tables: --help, --version, the man page, completions, and the JSON that the
// CLI tests read. Internal to lib/cli.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/flag_table.h"
#include "json/json_fwd.h"

namespace qt::cli {

// What is described: one table, or a tool with commands (then `tables` has one for each).
struct Described {
  std::string tool;  // "qt-data"
  std::string summary;
  std::vector<FlagTable> tables;
  bool has_commands = false;
  std::vector<std::string> command_names;
  std::vector<std::string> command_summaries;
};

enum class HelpLength { kShort, kFull };  // -h: the arguments, the first group and the examples

// Of the terminal on standard output, or else of COLUMNS, or 100; never more than 100.
size_t HelpColumns();

// Help of a table on its own ("qt-label", or one command "qt-data dump").
std::string HelpText(const FlagTable& table, HelpLength length = HelpLength::kFull,
                     size_t columns = 100);
// Help of a tool with commands (`qt-data --help`): their list.
std::string CommandsHelpText(const Described& described, size_t columns = 100);

std::string VersionText(const FlagTable& table);

// The name of the man page of a tool or of one command: "qt-data dump" -> "qt-data-dump".
std::string PageName(std::string tool);
// roff (man macros). `prose_markdown` becomes the sections after SYNOPSIS; see CONTRIBUTING.md.
std::string ManPage(const Described& described, const std::string& prose_markdown);

enum class Shell : uint8_t { kBash, kZsh, kFish };
constexpr auto NamesOf(Shell) { return std::array{"bash", "zsh", "fish"}; }
std::string Completion(const Described& described, Shell shell);

Json FlagsJson(const FlagTable& table);

// Shared by the texts.
std::string FlagSpelling(const Flag& flag);  // "-n, --num-envs N", "--[no-]json"
std::string FlagNotes(const Flag& flag);     // "default 4; 1 to 64", or ""
std::string UsageLine(const FlagTable& table);
std::vector<std::string> Groups(const FlagTable& table);  // in order, those that are shown
struct ExitLine {
  int status;
  const char* meaning;
};
const std::vector<ExitLine>& ExitLines();
bool HasTwoForms(const Flag& flag);  // --x and --no-x

}  // namespace qt::cli
