// SPDX-License-Identifier: Apache-2.0
#include "cli/builtin.h"

#include "cli/parse.h"
#include "json/json.h"

namespace qt::cli {
namespace {

void Builtin(Flag& flag) {
  flag.builtin = true;
  flag.negatable = false;
}

std::string JsonVersion() {
  return std::to_string(NLOHMANN_JSON_VERSION_MAJOR) + "." +
         std::to_string(NLOHMANN_JSON_VERSION_MINOR) + "." +
         std::to_string(NLOHMANN_JSON_VERSION_PATCH);
}

}  // namespace

void AddCommonFlags(FlagTable* table, const ToolTraits& traits, CommonOptions* options) {
  const size_t num_own = table->flags().size();
  table->BeginGroup("Common");
  if (traits.writes) {
    table->Add("dry-run", &options->dry_run, "", "check everything, write nothing").negatable =
        false;
    table->Add("force", &options->force, "", "replace an output that exists").negatable = false;
  }
  table->Add("json", &options->json, "", "print one JSON summary to standard output").negatable =
      false;
  table->Add("progress", &options->progress, "WHEN", "show a progress line");
  table->Add('q', "quiet", &options->quiet, "", "only warnings and errors").negatable = false;
  table->Add('v', "verbose", &options->verbose, "", "say more").negatable = false;
  Builtin(table->Add("config", &options->config, "FILE",
                     "read flags from a JSON object; a flag on the command line wins"));
  Builtin(table->Add('h', "help", &options->help, "", "show all flags; -h only the most used"));
  Builtin(table->Add("version", &options->version, "", "show versions"));
  Builtin(table->Add("help-man", &options->help_man, "", "print the man page (roff)"));
  Builtin(table->Add("completion", &options->completion, "SHELL", "print the shell's completions"));
  Flag& dump = table->Add("dump-flags", &options->dump_flags, "", "print the flag table as JSON");
  Builtin(dump);
  dump.hidden = true;
  for (size_t i = num_own; i < table->flags().size(); ++i) table->flags()[i].incidental = true;
  table->AddCheck([options] {
    return options->quiet && options->verbose ? Usage("--quiet and --verbose exclude each other")
                                              : Ok();
  });
  table->AddLibraryVersion("CLI11", ParserVersion());
  table->AddLibraryVersion("nlohmann/json", JsonVersion());
}

}  // namespace qt::cli
