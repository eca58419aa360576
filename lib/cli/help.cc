// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/build_info.h"
#include "cli/values.h"
#include "json/json.h"

namespace qt::cli {
namespace {

constexpr size_t kMinColumns = 60, kMaxColumns = 100;
constexpr size_t kIndent = 28;

// Words of `text` after a first line that is already `column` wide; later lines are indented.
std::string Wrap(const std::string& text, size_t column, size_t indent, size_t width) {
  std::string out;
  size_t start = 0;
  while (start < text.size()) {
    size_t end = text.find(' ', start);
    if (end == std::string::npos) end = text.size();
    const size_t length = end - start;
    if (column > indent && column + 1 + length > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(start, length);
    column += length;
    start = end + 1;
  }
  return out;
}

// Of text in UTF-8, without wide characters.
size_t ColumnsOf(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

std::string Row(const std::string& left, const std::string& right, size_t width) {
  std::string row = "  " + left;
  if (ColumnsOf(row) + 2 > kIndent) {
    row += "\n" + std::string(kIndent, ' ');
  } else {
    row.append(kIndent - ColumnsOf(row), ' ');
  }
  return row + Wrap(right, kIndent, kIndent, width) + "\n";
}

std::string FlagRow(const Flag& flag, size_t width) {
  const std::string notes = FlagNotes(flag);
  const std::string gap = flag.short_name || flag.positional ? "" : "    ";
  const std::string help = notes.empty() ? flag.help : flag.help + " (" + notes + ")";
  return Row(gap + FlagSpelling(flag), help, width);
}

std::string Heading(const std::string& text) { return "\n" + text + ":\n"; }

std::string ExitRows(size_t width) {
  std::string text = Heading("Exit status");
  for (const ExitLine& line : ExitLines()) {
    text += Row(std::to_string(line.status), line.meaning, width);
  }
  return text;
}

std::string Examples(const FlagTable& table) {
  std::string text;
  for (const FlagTable::Example& example : table.examples()) {
    text += "  # " + example.what + "\n  " + example.command + "\n";
  }
  return text.empty() ? text : Heading("Examples") + text;
}

std::string RangeText(const Flag& flag) {
  if (!(flag.min < flag.max)) return "";
  return NumberText(flag.min) + " to " + NumberText(flag.max);
}

}  // namespace

const std::vector<ExitLine>& ExitLines() {
  static const std::vector<ExitLine> lines = {
      {0, "done"},
      {1, "failed"},
      {2, "wrong usage: a flag, a configuration key or an argument"},
      {3, "finished, but the answer is no or something was lost"},
      {75, "try again later: the lock is held"},
      {130, "interrupted, after closing what was open"}};
  return lines;
}

bool HasTwoForms(const Flag& flag) { return IsBool(flag) && flag.negatable; }

std::string FlagSpelling(const Flag& flag) {
  if (flag.positional) return flag.metavar;
  std::string text = flag.short_name ? "-" + std::string(1, flag.short_name) + ", " : "";
  text += (HasTwoForms(flag) ? "--[no-]" : "--") + flag.name;
  return IsBool(flag) ? text : text + " " + flag.metavar;
}

std::string FlagNotes(const Flag& flag) {
  std::vector<std::string> notes;
  const bool shows_default = !flag.positional && !(IsBool(flag) && !flag.negatable);
  if (shows_default && !ValueText(flag).empty()) {
    const std::string text = ValueText(flag);
    notes.push_back("default " + (IsBool(flag) ? (text == "true" ? "yes" : "no") : text));
  }
  if (!RangeText(flag).empty()) notes.push_back(RangeText(flag));
  if (!flag.choices.empty()) {
    std::string all;
    for (const std::string& choice : flag.choices) all += (all.empty() ? "" : ", ") + choice;
    notes.push_back("one of " + all);
  }
  if (!flag.positional && IsList(flag)) notes.push_back("may be repeated");
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : "; ") + note;
  return text;
}

std::string UsageLine(const FlagTable& table) {
  std::string line = table.tool() + " [FLAG...]";
  for (const Flag& flag : table.flags()) {
    if (!flag.positional) continue;
    const bool spelled_out =
        IsExactlyOne(flag) || flag.metavar.find_first_of(".[ ") != std::string::npos;
    line += " " + (spelled_out ? flag.metavar : "[" + flag.metavar + "...]");
  }
  return line;
}

std::vector<std::string> Groups(const FlagTable& table) {
  std::vector<std::string> groups;
  for (const Flag& flag : table.flags()) {
    if (!flag.hidden && !std::ranges::count(groups, flag.group)) groups.push_back(flag.group);
  }
  return groups;
}

size_t HelpColumns() {
  winsize size = {};
  const char* told = std::getenv("COLUMNS");
  size_t columns = kMaxColumns;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    columns = size.ws_col;
  } else if (told != nullptr && std::atoi(told) > 0) {
    columns = static_cast<size_t>(std::atoi(told));
  }
  return std::clamp(columns, kMinColumns, kMaxColumns);
}

std::string HelpText(const FlagTable& table, HelpLength length, size_t columns) {
  std::string text =
      table.tool() + ": " + table.summary() + "\n\nUsage: " + UsageLine(table) + "\n";
  std::vector<std::string> groups = Groups(table);
  const bool is_short = length == HelpLength::kShort;
  if (is_short) groups.resize(std::min<size_t>(groups.size(), groups[0] == "Arguments" ? 2 : 1));
  for (const std::string& group : groups) {
    text += Heading(group);
    for (const Flag& flag : table.flags()) {
      if (!flag.hidden && flag.group == group) text += FlagRow(flag, columns);
    }
  }
  text += Examples(table);
  if (!is_short) return text + ExitRows(columns);
  const auto num_flags = std::ranges::count_if(
      table.flags(), [](const Flag& flag) { return !flag.hidden && !flag.positional; });
  return text + "\n" + table.tool() + " --help shows all " + std::to_string(num_flags) + " flags\n";
}

std::string CommandsHelpText(const Described& described, size_t columns) {
  std::string text = described.tool + ": " + described.summary + "\n\nUsage: " + described.tool +
                     " COMMAND [FLAG...] [ARGUMENT...]\n" + Heading("Commands");
  for (size_t i = 0; i < described.command_names.size(); ++i) {
    text += Row(described.command_names[i], described.command_summaries[i], columns);
  }
  text += Heading("Common flags");
  text += Row("COMMAND --help", "show the flags of a command; with -h the most used", columns);
  text += Row("--version", "show versions", columns);
  text += Row("--help-man", "print the man page", columns);
  text += Row("--completion SHELL", "print completions for bash, zsh or fish", columns);
  return text + ExitRows(columns);
}

std::string VersionText(const FlagTable& table) {
  const std::string tool = table.tool().substr(0, table.tool().find(' '));
  std::string text = tool + " " + Version() + " (" + GitCommit() + ")\n";
  for (const auto& [name, version] : table.libraries()) text += name + " " + version + "\n";
  return text;
}

Json FlagsJson(const FlagTable& table) {
  Json flags = Json::array();
  for (const Flag& flag : table.flags()) {
    if (flag.hidden) continue;
    flags.push_back({{"name", flag.name},
                     {"short", flag.short_name ? std::string(1, flag.short_name) : ""},
                     {"metavar", flag.metavar},
                     {"bool", IsBool(flag)},
                     {"list", IsList(flag)},
                     {"negatable", HasTwoForms(flag)},
                     {"positional", flag.positional},
                     {"builtin", flag.builtin},
                     {"default", ValueText(flag)},
                     {"group", flag.group},
                     {"help", flag.help}});
  }
  return {{"tool", table.tool()}, {"flags", flags}};
}

}  // namespace qt::cli
