#include "options.h"

namespace qt::data {
namespace {

void AddInputs(cli::FlagTable& table, Options* options) {
  table.AddPositional("FILE", &options->inputs,
                      "episode files or folders of them; - or none is stdin");
}

}  // namespace

cli::FlagTable DescribeInfo(Options* options) {
  cli::FlagTable table("qt-data info", "say what episode files hold");
  AddInputs(table, options);
  table.AddExample("what a spool folder holds", "qt-data info spool/");
  table.AddExample("the success rate by label source", "qt-data info --json a.mcap | jq '.labels'");
  return table;
}

cli::FlagTable DescribeDump(Options* options) {
  cli::FlagTable table("qt-data dump", "print episodes as JSON, one a line");
  AddInputs(table, options);
  table.Add('o', "output", &options->output, "FILE", "where the lines go: a file, or - for stdout");
  table.Add("images", &options->images, "DIR",
            "save every picture in this folder, which is made if it is missing");
  table.AddExample("the actions of the first episode",
                   "qt-data dump a.mcap | head -n 1 | jq '.steps[].action'");
  table.AddExample("all pictures as files", "qt-data dump --images pictures a.mcap > a.json");
  return table;
}

}  // namespace qt::data
