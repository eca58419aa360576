// SPDX-License-Identifier: Apache-2.0
// The front of every tool: RunTool parses, runs, reports, and turns a Status into an exit status.
// Nothing else in the program exits, prints an error or knows a number (docs/CONVENTIONS.md).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "cli/flag_table.h"
#include "json/json_fwd.h"

namespace qt::cli {

// Draws one line on stderr: done/total, rate, ETA and a note. Only if stderr is a terminal, or with
// --progress on. Thread-safe; at most ten updates a second. Its destructor removes the line.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void Update(uint64_t done, const std::string& note = "") = 0;
};

// What a tool's Run function gets.
class Io {
 public:
  virtual ~Io() = default;
  // Set by SIGINT, SIGTERM and SIGHUP: close what is open, then return Interrupted().
  virtual const std::atomic<bool>& stop() const = 0;
  virtual Status Interrupted() const = 0;
  virtual bool dry_run() const = 0;
  virtual bool json() const = 0;
  virtual const std::string& command_line() const = 0;  // as typed, shell-quoted
  // The flags that give the same result again: those whose values differ from their defaults now,
  // without incidental ones and without arguments.
  virtual std::string ReproducingCommand() const = 0;
  virtual const std::string& tool_version() const = 0;  // "qt-label 0.1.0 (commit)"
  // total 0: unknown.
  virtual std::unique_ptr<Progress> StartProgress(std::string unit, uint64_t total) = 0;
  // The result of the run. With --json it is printed to stdout as one JSON object, after the keys
  // tool, version and exit_status; otherwise `text` goes to stderr as log, or to stdout if the
  // text is the tool's data (text_is_data). The last call counts.
  virtual void Report(const Json& summary, const std::string& text, bool text_is_data = false) = 0;
  // Where results go: "-" (stdout; refused if it is a terminal and `binary`, and with --json),
  // "DIR/" or an existing folder (a spool: one new file PREFIX-<time>-<run_id>SUFFIX), or a file
  // (--force replaces it). With --dry-run the same checks are made, and the bytes are dropped.
  virtual Result<std::unique_ptr<ByteSink>> OpenOutput(const std::string& output, bool binary,
                                                       const std::string& prefix,
                                                       const std::string& run_id,
                                                       const std::string& suffix) = 0;
  virtual bool force() const = 0;
};

// Inputs as named; with none and a stdin that is not a terminal, {"-"}; else a usage error.
Result<std::vector<std::string>> InputsOrStdin(const std::vector<std::string>& named);

// Adds the flags every tool has (--json, --dry-run if `writes`, --force if `writes`, --config,
// --progress, -q, -v, --help, --version, --help-man, --completion), parses, checks and runs.
struct ToolTraits {
  bool writes = true;
};
int RunTool(FlagTable table, ToolTraits traits, int argc, char** argv,
            const std::function<Status(Io&)>& run);

// A tool of several commands (qt-data): the first word that is not a flag is the command, the rest
// and what stands before it is parsed with the command's own table, as RunTool does. `TOOL --help`
// lists the commands, `TOOL COMMAND --help` shows one; each has a man page, and the completions
// cover them all.
//
//   return RunCommands("qt-data", "look into episode files",
//                      {{"info", "say what a file holds", {.writes = false},
//                        [&] { return DescribeInfo(&options); },    // FlagTable("qt-data info",
//                        ...)
//                        [&](Io& io) { return RunInfo(options, io); }}, ...},
//                      argc, argv);
struct Command {
  std::string name;
  std::string summary;
  ToolTraits traits;
  std::function<FlagTable()>
      table;  // called for the command that runs, or for all to describe them
  std::function<Status(Io&)> run;
};
int RunCommands(const std::string& tool, const std::string& summary,
                const std::vector<Command>& commands, int argc, char** argv);

// The prose of a man page, tools/<tool>/<page>.1.md; set before main by code that
// cmake/QtModule.cmake generates.
bool SetManProse(const char* page, const char* markdown);

}  // namespace qt::cli
