#include "options.h"

#include <algorithm>
#include <filesystem>

#include "cli/command.h"

namespace qt::label {
namespace {

void AddJudging(cli::FlagTable& table, LabelOptions* o) {
  table.BeginGroup("Judging");
  ImageDiffConfig& diff = o->image_diff;
  table
      .Add("threshold", &diff.threshold, "LEVELS",
           "change of a pixel that counts, of 255 grey levels")
      .Range(0, 255);
  table
      .Add("noise-factor", &diff.noise_factor, "X",
           "and it must be this many deviations of the pictures' own noise")
      .Range(0, 1000);
  table
      .Add("min-area", &diff.min_area, "SHARE",
           "changed regions smaller than this share of the picture are ignored")
      .Range(0, 1);
  table
      .Add("floor-threshold", &diff.floor_threshold, "LEVELS",
           "colour distance from the floor from which a pixel shows an object")
      .Range(0, 442);
  table
      .Add("min-change", &diff.min_change, "X",
           "what has appeared less what has vanished, in levels times share of the "
           "picture, from which a grasp is a success")
      .Range(0, 255);
  table.Add("step-reward", &o->step_reward, "R", "reward of every step but the last");
  table
      .Add("relabel", &o->relabel, "",
           "add a newer label to episodes that qt-label has labelled before")
      .negatable = false;
}

Status CheckSpool(const Options& o) {
  const bool to_folder = IsFolder(o.output);
  if (o.each && !to_folder) return Usage("--each needs a folder to write into: -o FOLDER/");
  if (o.each && std::ranges::count(o.inputs, "-") > 0) {
    return Usage("--each needs files or folders as inputs; standard input has no name");
  }
  if (!o.follow) return Ok();
  if (std::ranges::none_of(o.inputs, IsFolder)) {
    return Usage("--follow needs a folder among the inputs");
  }
  if (to_folder || o.output == "-") return Ok();
  return Usage("--follow never ends, so a file would never be finished; use -o FOLDER/ or -o -");
}

void AddSpool(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Spool folders");
  table
      .Add("each", &o->each, "",
           "write a file of its own for every input file, with its name, into the folder -o; input "
           "files that have theirs already are left out")
      .negatable = false;
  table
      .Add("follow", &o->follow, "",
           "when all is labelled, wait for further files in the input folders, until interrupted; "
           "with -o FOLDER/ this is --each for ever")
      .negatable = false;
  table.AddCheck([o] { return CheckSpool(*o); });
}

}  // namespace

bool IsFolder(const std::string& name) {
  std::error_code error;
  return name.ends_with('/') || std::filesystem::is_directory(name, error);
}

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-label", "label episodes with success and reward, from their pictures");
  table.AddPositional("FILE", &options->inputs,
                      "episode files or folders of them; - or none is stdin");
  table.Add('o', "output", &options->output, "FILE",
            "where the labelled episodes go: a file, a folder with a trailing slash (a new file in "
            "it), or - for stdout");
  table.Add("threads", &options->num_threads, "N", "threads; never changes the result")
      .Range(1, 256);
  AddSpool(table, options);
  AddJudging(table, &options->label);
  table.AddExample("label while collecting", "qt-collect -n 500 | qt-label -o labelled.mcap");
  table.AddExample("label what is new in a spool, from cron",
                   "qt-label --each spool/ -o labelled/");
  table.AddExample("label files as they arrive", "qt-label --follow spool/ -o labelled/");
  table.AddExample("label again with another threshold",
                   "qt-label --relabel --threshold 20 old.mcap -o new.mcap");
  return table;
}

std::string LabellingCommand(const Options& options) {
  Options given = options, defaults;
  given.inputs.clear();
  return cli::CommandOf(Describe(&given), Describe(&defaults),
                        {"output", "threads", "each", "follow"});
}

}  // namespace qt::label
