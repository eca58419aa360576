// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>

#include "base/file.h"
#include "base/output_place.h"
#include "episodes/episode_sink.h"
#include "episodes/episode_source.h"
#include "label/calibrate.h"

namespace qt::label {
namespace {

void AddJudging(cli::FlagTable& table, Options* options) {
  table.BeginGroup("Judging");
  LabelOptions* o = &options->label;
  std::vector<std::string> labellers = o->labellers.names();
  labellers.insert(labellers.begin(), kVote);
  table
      .Add("labeller", &o->labeller, "NAME",
           "who judges: the drop test's pictures, the gripper's own view, the gripper width, or "
           "all that there are")
      .choices = std::move(labellers);
  for (const auto& labeller : o->labellers.all()) {
    for (const Field& setting : labeller->settings()) table.Add(setting);
  }
  table
      .Add("abstain", &o->abstain, "CONFIDENCE",
           "leave episodes without a label whose verdict is less sure than this; training skips "
           "them")
      .Range(0, 1);
  table.Add("step-reward", &o->step_reward, "R", "reward of every step but the last");
  table
      .Add("relabel", &o->relabel, "",
           "add a newer label to episodes that qt-label has labelled before")
      .negatable = false;
}

Status CheckModes(const Options& o) {
  const bool writes_none = o.calibrate || !o.audit.empty();
  if (o.calibrate && !o.audit.empty()) return Usage("--calibrate and --audit: one at a time");
  if (writes_none && (o.each || o.follow)) {
    return Usage(
        "--calibrate and --audit read to the end and write no episodes: no --each, no "
        "--follow");
  }
  if (!o.audit.empty() && !NamesStdout(o.output))
    return Usage("--audit writes no episodes: no --output");
  if (!o.audited.empty() && o.audit.empty()) {
    return Usage("--label says whose labels --audit holds against its source");
  }
  if (!o.explain.empty() && writes_none) return Usage("--explain belongs to labelling");
  return Ok();
}

void AddModes(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Trust");
  table.Add("audit", &o->audit, "SOURCE",
            "write no episodes: compare their labels with those of this source (sim: the "
            "simulator's truth), with intervals, by size and disturbance");
  table.Add("label", &o->audited, "SOURCE",
            "with --audit: the labels to compare; empty is the one in use");
  table
      .Add("calibrate", &o->calibrate, "",
           "write no episodes: find --min-change from grips that were empty, and write it, with "
           "its evidence, to the output as JSON")
      .negatable = false;
  table.Add("calibration", &o->calibration, "FILE",
            "judge by what --calibrate has written, instead of --min-change");
  table.Add("explain", &o->explain, "DIR",
            "draw a picture of each decision into this folder, which is made if it is missing");
  table.Add("explain-which", &o->explain_which, "WHICH",
            "of which: all, those less sure than 0.9, or those the simulator's truth contradicts");
  table.AddCheck([o] { return CheckModes(*o); });
}

Status CheckSpool(const Options& o) {
  if (o.each && !NamesFolder(o.output))
    return Usage("--each needs a folder to write into: -o FOLDER/");
  if (o.each && std::ranges::count(o.inputs, "-") > 0) {
    return Usage("--each needs files or folders as inputs; standard input has no name");
  }
  if (!o.follow) return Ok();
  if (std::ranges::none_of(o.inputs, episodes::CanFollow)) {
    return Usage("--follow needs a folder among the inputs");
  }
  if (episodes::CanBeEndless(o.output)) return Ok();
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
  AddJudging(table, options);
  AddModes(table, options);
  table.MarkIncidental({"output", "threads", "each", "follow", "explain", "explain-which"});
  table.AddExample("label while collecting", "qt-collect -n 500 | qt-label -o labelled.mcap");
  table.AddExample("label what is new in a spool, from cron",
                   "qt-label --each spool/ -o labelled/");
  table.AddExample("label files as they arrive", "qt-label --follow spool/ -o labelled/");
  table.AddExample("how far the labels can be trusted", "qt-label --audit sim labelled/");
  table.AddExample(
      "label by an edge found on this robot",
      "qt-label --calibrate raw/ -o edge.json && qt-label --calibration edge.json raw/ "
      "-o labelled.mcap");
  table.AddExample("label again with another threshold",
                   "qt-label --relabel --threshold 20 old.mcap -o new.mcap");
  return table;
}

Result<LabelOptions> JudgingOf(const Options& options) {
  LabelOptions judging = options.label;
  if (options.calibration.empty()) return judging;
  QT_ASSIGN(const Calibration calibration,
            ReadCalibration(options.calibration).In("--calibration"));
  calibration.ApplyTo(&judging.labellers);
  return judging;
}

}  // namespace qt::label
