// SPDX-License-Identifier: Apache-2.0
// commands: a test-only tool with commands, for RunCommands of lib/cli.

#include "cli/tool.h"
#include "json/json.h"

namespace {

struct Options {
  std::vector<std::string> inputs;
  int count = 1;
  bool deep = false;
};

qt::cli::FlagTable DescribeAdd(Options* options) {
  qt::cli::FlagTable table("commands add", "add up how often");
  table.AddPositional("WORD", &options->inputs, "words to count");
  table.Add('c', "count", &options->count, "N", "how often each counts").min = 1;
  table.flags().back().max = 9;
  return table;
}

qt::cli::FlagTable DescribeLook(Options* options) {
  qt::cli::FlagTable table("commands look", "say nothing");
  table.Add("deep", &options->deep, "", "look deeper");
  return table;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const auto add = [&](qt::cli::Io& io) {
    const size_t sum = options.inputs.size() * static_cast<size_t>(options.count);
    io.Report({{"sum", sum}}, std::to_string(sum) + "\n", /*text_is_data=*/true);
    return qt::Ok();
  };
  const auto look = [&](qt::cli::Io&) {
    return options.deep ? qt::Partial("there is nothing") : qt::Ok();
  };
  return qt::cli::RunCommands(
      "commands", "a tool with commands",
      {{"add", "add up", {.writes = false}, [&] { return DescribeAdd(&options); }, add},
       {"look", "look about", {.writes = true}, [&] { return DescribeLook(&options); }, look}},
      argc, argv);
}
