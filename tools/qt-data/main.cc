// qt-data: looks into episode files.
#include "cli/tool.h"
#include "commands.h"

int main(int argc, char** argv) {
  using namespace qt::data;
  const std::vector<qt::cli::Command> commands = {
      InfoCommand(),  StatsCommand(),   ViewCommand(),   ExportCommand(), DumpCommand(),
      CheckCommand(), RecoverCommand(), ImportCommand(), CatCommand(),    CompactCommand(),
  };
  return qt::cli::RunCommands("qt-data", "look into episode files", commands, argc, argv);
}
