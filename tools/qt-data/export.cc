// SPDX-License-Identifier: Apache-2.0
// qt-data export: episodes for tools that read neither MCAP nor ROS.
#include <memory>

#include "base/output_place.h"
#include "commands.h"
#include "data/episode_export.h"
#include "json/json.h"

namespace qt::data {
namespace {

enum class ExportKind : uint8_t { kFolder, kWebDataset };
constexpr auto NamesOf(ExportKind) { return std::array{"folder", "webdataset"}; }

struct ExportOptions {
  Selection selection;
  ExportKind to = ExportKind::kFolder;
  std::string output;
};

Status ValidateExport(const ExportOptions& o) {
  if (o.output.empty()) return Usage("--output is needed: where the export goes");
  if (o.to == ExportKind::kFolder && NamesStdout(o.output)) {
    return Usage("--output: a folder cannot go to stdout; --to webdataset can");
  }
  return Ok();
}

cli::FlagTable DescribeExport(ExportOptions* options) {
  cli::FlagTable table("qt-data export", "write episodes for tools without MCAP and ROS");
  AddInputs(table, &options->selection.inputs);
  table.Add("to", &options->to, "KIND",
            "folder: pictures and JSON lines; webdataset: a tar with a sample for each step");
  table.Add('o', "output", &options->output, "PATH", "the folder, or the tar file (- is stdout)");
  AddFilter(table, &options->selection.filter);
  table.AddCheck([options] { return ValidateExport(*options); });
  table.MarkIncidental({"output"});
  table.AddExample("pictures and JSON lines", "qt-data export spool/ -o folder");
  table.AddExample("successes as a WebDataset, compressed on the way",
                   "qt-data export spool/ --success --to webdataset -o - | zstd > a.tar.zst");
  return table;
}

Result<std::unique_ptr<EpisodeExporter>> OpenExporter(const ExportOptions& options, cli::Io& io) {
  if (options.to == ExportKind::kFolder) {
    return ExportToFolder(options.output, io.force() ? Overwrite::kYes : Overwrite::kNo);
  }
  QT_ASSIGN(
      std::unique_ptr<ByteSink> sink,
      io.OpenOutput(options.output, /*binary=*/true, "episodes", episodes::NewFileId(), ".tar"));
  return ExportToWebDataset(std::move(sink));
}

Status RunExport(const ExportOptions& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.selection.inputs));
  QT_TRY(RequireInputs(inputs));
  std::unique_ptr<EpisodeExporter> exporter;
  if (!io.dry_run()) {
    QT_ASSIGN(exporter, OpenExporter(options, io));
  }
  episodes::EpisodeStream stream(std::move(inputs));
  SelectionCounts counts;
  uint64_t steps = 0;
  const auto add = [&](const Selected& selected) -> Status {
    steps += selected.stored.episode.steps.size();
    return exporter ? exporter->Add(selected.stored.episode, selected.label) : Ok();
  };
  const Status status = ForEachSelected(stream, options.selection.filter, io, add, &counts);
  if (!HasResult(status)) return status;
  if (exporter) {
    std::vector<episodes::Program> programs = stream.programs();
    programs.push_back({{"tool", io.tool_version()}, {"command_line", io.ReproducingCommand()}});
    QT_TRY(exporter->Finish(programs));
  }
  io.Report({{"episodes", counts.selected}, {"left_out", counts.left_out}, {"steps", steps}},
            (io.dry_run() ? "would export " : "exported ") + std::to_string(counts.selected) +
                " episodes, " + std::to_string(steps) + " steps");
  return status;
}

}  // namespace

cli::Command ExportCommand() {
  auto options = std::make_shared<ExportOptions>();
  return {"export",
          "write episodes for tools without MCAP and ROS",
          {.writes = true},
          [options] { return DescribeExport(options.get()); },
          [options](cli::Io& io) { return RunExport(*options, io); }};
}

}  // namespace qt::data
