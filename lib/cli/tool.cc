// SPDX-License-Identifier: Apache-2.0
// RunTool and RunCommands: from argv to exit status.

#include "cli/tool.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/build_info.h"
#include "base/check.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/threads.h"
#include "cli/builtin.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/values.h"
#include "json/json.h"

namespace qt::cli {
namespace {

using Words = std::vector<std::string>;

// By the name of the page.
std::map<std::string, std::string>& ManProse() {
  static std::map<std::string, std::string> prose;
  return prose;
}

std::string ManPageOf(const Described& described) {
  return ManPage(described, ManProse()[PageName(described.tool)]);
}

std::string FirstWord(const std::string& text) { return text.substr(0, text.find(' ')); }

void PrintTalk(const std::string& text) {
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find('\n', start), text.size());
    LogInfo(text.substr(start, end - start));
    start = end + 1;
  }
}

class ToolIo : public Io {
 public:
  ToolIo(const FlagTable& table, const CommonOptions& options, const std::atomic<bool>& stop,
         std::string command_line)
      : table_(table),
        options_(options),
        stop_(stop),
        command_line_(std::move(command_line)),
        tool_version_(FirstWord(table.tool()) + " " + Version() + " (" + GitCommit() + ")") {}

  const std::atomic<bool>& stop() const override { return stop_; }
  Status Interrupted() const override { return Status(Code::kInterrupted, "interrupted"); }
  bool dry_run() const override { return options_.dry_run; }
  bool json() const override { return options_.json; }
  bool force() const override { return options_.force; }
  const std::string& command_line() const override { return command_line_; }
  std::string ReproducingCommand() const override { return CommandOf(table_); }
  const std::string& tool_version() const override { return tool_version_; }

  std::unique_ptr<Progress> StartProgress(std::string unit, uint64_t total) override {
    return MakeProgress(FirstWord(table_.tool()), options_.progress, options_.quiet,
                        std::move(unit), total);
  }

  void Report(const Json& summary, const std::string& text, bool text_is_data) override {
    summary_ = summary;
    text_ = text;
    text_is_data_ = text_is_data;
  }

  Result<std::unique_ptr<ByteSink>> OpenOutput(const std::string& output, bool binary,
                                               const std::string& prefix, const std::string& run_id,
                                               const std::string& suffix) override {
    const OutputRules rules = {options_.json, options_.force, options_.dry_run};
    return OpenOutputBy(rules, output, binary, prefix, run_id, suffix);
  }

  // Prints what was reported. `status`: how the run ended.
  Status PrintReport(const Status& status) const {
    if (!options_.json) {
      if (text_is_data_) return WriteStdout(PrintableLines(text_));
      PrintTalk(text_);
      return Ok();
    }
    Json all = {{"tool", table_.tool()},
                {"version", Version()},
                {"exit_status", ExitStatus(status.code())}};
    if (!status.ok()) all["error"] = status.ToString();
    if (summary_.is_object()) all.update(summary_);
    return WriteStdout(json::Dump(all) + "\n");
  }

 private:
  const FlagTable& table_;
  const CommonOptions& options_;
  const std::atomic<bool>& stop_;
  const std::string command_line_;
  const std::string tool_version_;
  Json summary_;
  std::string text_;
  bool text_is_data_ = false;
};

// The one place where a Status becomes text on stderr and an exit status.
int Conclude(const Status& status) {
  if (!status.ok() && status.code() != Code::kClosedPipe) LogError(status.ToString());
  return ExitStatus(status.code());
}

// `printed`: how writing the report went. That and the close count if the run itself went well.
int Finish(Status status, Status printed = Ok()) {
  const Status closed = CloseStdout();
  if (status.ok()) status = printed.ok() ? closed : printed;
  return Conclude(status);
}

int PrintAndFinish(const std::string& text) { return Finish(Ok(), WriteStdout(text)); }

Status ParseAll(const FlagTable& table, const Words& words, CommonOptions* options) {
  QT_ASSIGN(const Arguments arguments, Split(table, words));
  std::string config_text;
  std::string config_name;
  if (const auto found = arguments.flags.find("config"); found != arguments.flags.end()) {
    config_name = found->second.back();
    Result<std::string> text = ReadWholeInput(config_name, 16u << 20);
    if (!text.ok()) return Usage("--config: " + text.status().ToString());
    config_text = *std::move(text);
  }
  QT_TRY(Store(table, arguments, config_name, config_text));
  SetVerbosity(options->quiet     ? Verbosity::kQuiet
               : options->verbose ? Verbosity::kVerbose
                                  : Verbosity::kNormal);
  for (const auto& check : table.checks()) QT_TRY(check());
  return Ok();
}

Described DescribeOne(const FlagTable& table) {
  Described described;
  described.tool = table.tool();
  described.summary = table.summary();
  described.tables = {table};
  return described;
}

// What is asked for instead of a run. Help is given whatever else stands on the line.
enum class Question { kNone, kHelp, kShortHelp, kVersion, kMan, kCompletion, kDumpFlags };

Question Asked(const Words& words, std::optional<Shell>* shell) {
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string name = Kebab(words[i].substr(0, words[i].find('=')));
    if (name == "--help") return Question::kHelp;
    if (name == "-h") return Question::kShortHelp;
    if (name == "--version") return Question::kVersion;
    if (name == "--help-man") return Question::kMan;
    if (name == "--dump-flags") return Question::kDumpFlags;
    if (name != "--completion") continue;
    const size_t equals = words[i].find('=');
    const std::string next = i + 1 < words.size() ? words[i + 1] : "";
    *shell = EnumFrom<Shell>(equals == std::string::npos ? next : words[i].substr(equals + 1));
    return Question::kCompletion;
  }
  return Question::kNone;
}

std::string CommandLine(int argc, char** argv) {
  std::string line = argc > 0 ? ShellQuote(FirstWord(argv[0])) : "";
  if (const size_t slash = line.rfind('/'); slash != std::string::npos) line.erase(0, slash + 1);
  for (int i = 1; i < argc; ++i) line += " " + ShellQuote(argv[i]);
  return line;
}

const std::atomic<bool>& StartProcess(const std::string& tool) {
  SetLogName(tool);
  GuardStandardDescriptors();
  const std::atomic<bool>& stop = InstallSignals();
  SetStopFlag(&stop);
  return stop;
}

int RunParsed(FlagTable table, const ToolTraits& traits, const Words& words,
              const std::string& command_line, const std::atomic<bool>& stop,
              const std::function<Status(Io&)>& run) {
  CommonOptions options;
  AddCommonFlags(&table, traits, &options);
  std::optional<Shell> shell;
  const Question question = Asked(words, &shell);
  if (question == Question::kHelp || question == Question::kShortHelp) {
    const bool is_short = question == Question::kShortHelp;
    return PrintAndFinish(
        HelpText(table, is_short ? HelpLength::kShort : HelpLength::kFull, HelpColumns()));
  }
  if (question == Question::kVersion) return PrintAndFinish(VersionText(table));
  if (question == Question::kDumpFlags)
    return PrintAndFinish(json::Dump(FlagsJson(table), 1) + "\n");
  if (question == Question::kMan) {
    return PrintAndFinish(ManPageOf(DescribeOne(table)));
  }
  if (question == Question::kCompletion && shell) {
    return PrintAndFinish(Completion(DescribeOne(table), *shell));
  }
  if (const Status status = ParseAll(table, words, &options); !status.ok()) {
    return Finish(status);
  }
  ToolIo io(table, options, stop, command_line);
  const Status status = Guarded([&] { return run(io); });
  const Status printed = io.PrintReport(status);
  return Finish(status, printed);
}

Described DescribeCommands(const std::string& tool, const std::string& summary,
                           const std::vector<Command>& commands, CommonOptions* options) {
  Described described;
  described.tool = tool;
  described.summary = summary;
  described.has_commands = true;
  for (const Command& command : commands) {
    FlagTable table = command.table();
    AddCommonFlags(&table, command.traits, options);
    described.tables.push_back(std::move(table));
    described.command_names.push_back(command.name);
    described.command_summaries.push_back(command.summary);
  }
  return described;
}

// `qt-data --help` and the like: no command was named.
int AnswerForAll(const Described& described, Question question, std::optional<Shell> shell) {
  if (question == Question::kHelp || question == Question::kShortHelp) {
    return PrintAndFinish(CommandsHelpText(described, HelpColumns()));
  }
  if (question == Question::kVersion) return PrintAndFinish(VersionText(described.tables.at(0)));
  if (question == Question::kMan) return PrintAndFinish(ManPageOf(described));
  if (question == Question::kCompletion && shell) {
    return PrintAndFinish(Completion(described, *shell));
  }
  if (question == Question::kDumpFlags) {
    Json all = {{"tool", described.tool}, {"commands", Json::array()}};
    for (const FlagTable& table : described.tables) all["commands"].push_back(FlagsJson(table));
    return PrintAndFinish(json::Dump(all, 1) + "\n");
  }
  return Finish(Usage("a command is missing; `" + described.tool + " --help` lists them"));
}

// Where the command stands: first, or behind flags that all commands have, as in `git --no-pager
// log`. words.size() if there is none.
size_t CommandAt(const Words& words, const std::vector<Command>& commands) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (std::ranges::count(commands, words[i], &Command::name) > 0) return i;
    if (!words[i].starts_with("-") || words[i] == "--") break;
    if (words[i] == "--progress" || words[i] == "--config") ++i;  // its value
  }
  return words.size();
}

Status NoSuchCommand(const std::string& word, const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  if (word.starts_with("-")) {
    return Usage("unknown flag '" + word + "' before the command" +
                 DidYouMean(word, {"--help", "--version", "--help-man", "--completion"}));
  }
  return Usage("unknown command '" + word + "'" + DidYouMean(word, names));
}

}  // namespace

bool SetManProse(const char* page, const char* markdown) {
  ManProse()[page] = markdown;
  return true;
}

Result<std::vector<std::string>> InputsOrStdin(const std::vector<std::string>& named) {
  if (!named.empty()) return named;
  if (::isatty(STDIN_FILENO) == 0) return std::vector<std::string>{"-"};
  return Usage("no input: name a file or pipe something in");
}

int RunTool(FlagTable table, ToolTraits traits, int argc, char** argv,
            const std::function<Status(Io&)>& run) {
  const std::string tool = FirstWord(table.tool());
  const std::atomic<bool>& stop = StartProcess(tool);
  return RunParsed(std::move(table), traits, Words(argv + std::min(argc, 1), argv + argc),
                   CommandLine(argc, argv), stop, run);
}

int RunCommands(const std::string& tool, const std::string& summary,
                const std::vector<Command>& commands, int argc, char** argv) {
  QT_CHECK(!commands.empty());
  const std::atomic<bool>& stop = StartProcess(tool);
  Words words(argv + std::min(argc, 1), argv + argc);
  const std::string first = words.empty() ? "" : words[0];
  if (const size_t at = CommandAt(words, commands); at < words.size()) {
    const auto command = std::ranges::find(commands, words[at], &Command::name);
    words.erase(words.begin() + static_cast<ptrdiff_t>(at));
    return RunParsed(command->table(), command->traits, words, CommandLine(argc, argv), stop,
                     command->run);
  }
  std::optional<Shell> shell;
  const Question question = Asked(words, &shell);
  if (question == Question::kNone && !first.empty()) return Finish(NoSuchCommand(first, commands));
  CommonOptions options;
  return AnswerForAll(DescribeCommands(tool, summary, commands, &options), question, shell);
}

}  // namespace qt::cli
