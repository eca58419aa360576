// SPDX-License-Identifier: Apache-2.0
// qt-data compact: makes one file out of the many of a spool folder.
#include "data/compact.h"

#include <memory>

#include "base/file.h"
#include "base/log.h"
#include "base/output_place.h"
#include "commands.h"
#include "episodes/episode_source.h"
#include "json/json.h"

namespace qt::data {
namespace {

struct CompactFlags {
  Selection selection;
  std::string output;
  bool discard = false;
  double skip_larger_mb = 0;  // 0: none is skipped
};

Status ValidateCompact(const CompactFlags& o) {
  for (const std::string& input : o.selection.inputs) {
    if (NamesStdin(input))
      return Usage("compact replaces files: standard input cannot be one of them");
  }
  if (o.selection.inputs.empty()) return Usage("name the folder or the files to compact");
  if (NamesStdout(o.output))
    return Usage("--output: compact writes a file; qt-data cat writes to stdout");
  if (o.selection.filter.Selects() && !o.discard) {
    return Usage(
        "the filter would delete the episodes it does not select: say so with --discard, "
        "or use qt-data cat");
  }
  if (o.output.empty() && o.selection.inputs.size() > 1) {
    return Usage("several inputs: name the new file or its folder with --output");
  }
  return Ok();
}

cli::FlagTable DescribeCompact(CompactFlags* options) {
  cli::FlagTable table("qt-data compact", "replace many episode files by one");
  table.AddPositional("FILE", &options->selection.inputs,
                      "a folder of episode files, or the files themselves");
  table.Add('o', "output", &options->output, "FILE",
            "the new file, or its folder; without it, the folder that is compacted");
  AddFilter(table, &options->selection.filter);
  table.Add("discard", &options->discard, "", "delete the episodes that the filter does not select")
      .negatable = false;
  table
      .Add("skip-larger", &options->skip_larger_mb, "MB",
           "leave files of more megabytes as they are; 0 takes all")
      .Range(0, 1e9);
  table.AddCheck([options] { return ValidateCompact(*options); });
  table.MarkIncidental({"output"});
  table.AddExample("tidy up a spool folder", "qt-data compact spool/");
  table.AddExample("from cron: only what is new and small",
                   "qt-data compact spool/ --skip-larger 1000");
  table.AddExample("what it would do", "qt-data compact --dry-run spool/");
  table.AddExample("forget all but the learned policy's episodes",
                   "qt-data compact spool/ --policy model --discard");
  return table;
}

// The new file's name; in a folder it says when it was made, as the names of spool files do.
Result<std::string> OutputPath(const CompactFlags& options) {
  std::string output = options.output;
  if (output.empty()) {
    output = options.selection.inputs.front();
    if (!IsFolder(output)) return Usage("--output is needed: " + output + " is not a folder");
  }
  if (!NamesFolder(output)) return output;
  if (!IsFolder(output)) return NotFound("no such folder").At(output);
  return NameInSpool(output, "compact", episodes::NewFileId(), ".mcap");
}

Json CompactedJson(const CompactSummary& s, const std::string& output) {
  return {{"files", s.files},
          {"left_alone", s.left_alone},
          {"episodes", s.episodes},
          {"duplicates", s.duplicates},
          {"discarded", s.discarded},
          {"removed", s.removed},
          {"bytes_before", s.bytes_before},
          {"bytes_after", s.bytes_after},
          {"output", s.published ? Json(output) : Json(nullptr)}};
}

std::string ToText(const CompactSummary& s, const std::string& output, bool dry_run) {
  std::string text = std::string(dry_run ? "would make" : "made") + " one file of " +
                     std::to_string(s.files) + ": " + std::to_string(s.episodes) + " episodes";
  if (s.duplicates > 0) text += ", " + std::to_string(s.duplicates) + " copies left out";
  if (s.discarded > 0) text += ", " + std::to_string(s.discarded) + " discarded";
  if (s.left_alone > 0) text += ", " + std::to_string(s.left_alone) + " files left alone";
  return dry_run ? text : text + ", in " + output;
}

Status RunCompact(const CompactFlags& options, cli::Io& io) {
  QT_TRY(RequireInputs(options.selection.inputs));
  CompactOptions work;
  QT_ASSIGN(work.files, episodes::ListFiles(options.selection.inputs));
  QT_ASSIGN(work.output, OutputPath(options));
  work.overwrite = io.force() ? Overwrite::kYes : Overwrite::kNo;
  work.filter = options.selection.filter;
  work.lineage = {.tool = io.tool_version(), .command_line = io.ReproducingCommand()};
  work.dry_run = io.dry_run();
  if (options.skip_larger_mb > 0) work.max_file_bytes = uint64_t(options.skip_larger_mb * 1e6);
  CompactSummary summary;
  const auto note = [](const Status& status) { LogWarning(status.ToString()); };
  Status status = Compact(work, io.stop(), note, &summary);
  if (status.code() == Code::kInterrupted) return io.Interrupted();
  if (!status.ok()) return status;
  if (summary.files == 0) {
    io.Report(CompactedJson(summary, work.output), "there is nothing to compact");
  } else {
    io.Report(CompactedJson(summary, work.output), ToText(summary, work.output, work.dry_run));
  }
  if (summary.left_alone == 0) return Ok();
  return Partial(std::to_string(summary.left_alone) +
                 (summary.left_alone == 1 ? " file was" : " files were") + " left alone");
}

}  // namespace

cli::Command CompactCommand() {
  auto options = std::make_shared<CompactFlags>();
  return {"compact",
          "replace many episode files by one",
          {.writes = true},
          [options] { return DescribeCompact(options.get()); },
          [options](cli::Io& io) { return RunCompact(*options, io); }};
}

}  // namespace qt::data
