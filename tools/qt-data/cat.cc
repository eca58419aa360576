// SPDX-License-Identifier: Apache-2.0
// qt-data cat: joins episode files into one valid, indexed file, as it reads them.
#include <memory>
#include <set>

#include "commands.h"
#include "episodes/episode_sink.h"
#include "episodes/episode_writer.h"
#include "json/json.h"

namespace qt::data {
namespace {

using episodes::EpisodeSink;
using episodes::EpisodeStream;

struct CatOptions {
  Selection selection;
  std::string output = "-";
  bool unique = false;
  bool follow = false;
};

cli::FlagTable DescribeCat(CatOptions* options) {
  cli::FlagTable table("qt-data cat", "join episode files into one");
  AddInputs(table, &options->selection.inputs);
  table.Add('o', "output", &options->output, "FILE",
            "where the episodes go: a file, a folder with a trailing slash (a new file in it), or "
            "- for stdout");
  table
      .Add("unique", &options->unique, "",
           "leave out copies: episodes with the same observations and labels as one before")
      .negatable = false;
  AddFollow(table, &options->selection.inputs, &options->output, &options->follow);
  AddFilter(table, &options->selection.filter);
  table.MarkIncidental({"output", "follow"});
  table.AddExample("one file out of two", "qt-data cat a.mcap b.mcap -o both.mcap");
  table.AddExample(
      "the long failures of learned policies, into training",
      "qt-data cat spool/ --failure --policy model --where 'steps>10' | qt-train -o run/");
  table.AddExample("episodes as they arrive in a spool, as one stream",
                   "qt-data cat --follow spool/ | qt-train -o run/");
  table.AddExample("what a plain cat has joined, as a valid file",
                   "cat a.mcap b.mcap | qt-data cat -o both.mcap");
  return table;
}

struct Counts {
  SelectionCounts selection;
  uint64_t copies = 0;  // left out by --unique
};

Json Summary(const Counts& counts, const EpisodeSink& sink, const EpisodeStream& stream) {
  return {{"episodes", sink.num_episodes()},   {"left_out", counts.selection.left_out},
          {"duplicates", counts.copies},       {"copied_verbatim", sink.num_verbatim()},
          {"bytes_read", stream.bytes_read()}, {"damaged", stream.damage().size()}};
}

std::string SummaryText(const Counts& counts, const EpisodeSink& sink) {
  std::string text = std::to_string(sink.num_episodes()) + " episodes";
  const uint64_t left_out = counts.selection.left_out;
  if (left_out > 0) text += ", " + std::to_string(left_out) + " left out";
  if (counts.copies > 0) text += ", " + std::to_string(counts.copies) + " copies left out";
  return text;
}

Status RunCat(const CatOptions& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.selection.inputs));
  QT_TRY(RequireInputs(inputs));
  const auto open = [&](const std::string& file_id) {
    return io.OpenOutput(options.output, true, "episodes", file_id, ".mcap");
  };
  QT_ASSIGN(const std::unique_ptr<EpisodeSink> sink,
            episodes::OpenSink(
                options.output,
                {.open = open,
                 .file_id = episodes::NewFileId(),
                 .lineage = {.tool = io.tool_version(), .command_line = io.ReproducingCommand()}}));
  EpisodeStream stream(std::move(inputs),
                       {.follow = FollowIf(options.follow), .read = {.keep_compressed = true}});
  const std::unique_ptr<cli::Progress> progress = io.StartProgress("episodes", 0);
  Counts counts;
  bool write_failed = false;
  std::set<episodes::EpisodeDigest> seen;
  const auto copy = [&](const Selected& selected) -> Status {
    if (options.unique && !seen.insert(DigestOf(selected.stored)).second) {
      ++counts.copies;
      return Ok();
    }
    Status written = sink->Inherit(stream.programs());
    if (written.ok()) written = sink->WriteCopy(selected.stored, {});
    write_failed = !written.ok();
    progress->Update(sink->num_episodes());
    return written;
  };
  const Status status =
      ForEachSelected(stream, options.selection.filter, io, copy, &counts.selection);
  if (write_failed) return status;
  // If the input failed or the user interrupts, what is there is finished properly.
  const bool cut_short = !HasResult(status) && status.code() != Code::kInterrupted;
  if (cut_short && sink->num_episodes() == 0) return status;
  QT_TRY(sink->Inherit(stream.programs()));
  QT_TRY(sink->Finish());
  if (cut_short) return status;
  io.Report(Summary(counts, *sink, stream), SummaryText(counts, *sink));
  return status;
}

}  // namespace

cli::Command CatCommand() {
  auto options = std::make_shared<CatOptions>();
  return {"cat",
          "join episode files into one",
          {.writes = true},
          [options] { return DescribeCat(options.get()); },
          [options](cli::Io& io) { return RunCat(*options, io); }};
}

}  // namespace qt::data
