// qt-data: looks into episode files.
#include "cli/tool.h"
#include "options.h"
#include "run.h"

int main(int argc, char** argv) {
  qt::data::Options options;
  const std::vector<qt::cli::Command> commands = {
      {"info",
       "say what episode files hold",
       {.writes = false},
       [&] { return qt::data::DescribeInfo(&options); },
       [&](qt::cli::Io& io) { return qt::data::RunInfo(options, io); }},
      {"dump",
       "print episodes as JSON, one a line",
       {.writes = true},
       [&] { return qt::data::DescribeDump(&options); },
       [&](qt::cli::Io& io) { return qt::data::RunDump(options, io); }},
  };
  return qt::cli::RunCommands("qt-data", "look into episode files", commands, argc, argv);
}
