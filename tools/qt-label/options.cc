#include "options.h"

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

}  // namespace

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-label", "label episodes with success and reward, from their pictures");
  table.AddPositional("FILE", &options->inputs,
                      "episode files or folders of them; - or none is stdin");
  table.Add('o', "output", &options->output, "FILE",
            "where the labelled episodes go: a file, a folder with a trailing slash (a new file in "
            "it), or - for stdout");
  table.Add("threads", &options->num_threads, "N", "threads; never changes the result")
      .Range(1, 256);
  AddJudging(table, &options->label);
  table.AddExample("label while collecting", "qt-collect -n 500 | qt-label -o labelled.mcap");
  table.AddExample("label again with another threshold",
                   "qt-label --relabel --threshold 20 old.mcap -o new.mcap");
  return table;
}

std::string LabellingCommand(const Options& options) {
  Options given = options, defaults;
  given.inputs.clear();
  return cli::CommandOf(Describe(&given), Describe(&defaults), {"output", "threads"});
}

}  // namespace qt::label
