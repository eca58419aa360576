// SPDX-License-Identifier: Apache-2.0
// qt-data view: draws episodes, as a contact sheet or as a video.
#include <memory>

#include "base/log.h"
#include "commands.h"
#include "data/film.h"
#include "data/view_frame.h"
#include "image/png.h"
#include "image/video.h"
#include "json/json.h"

namespace qt::data {
namespace {

constexpr int kSheetSide_px = 160;

struct ViewOptions {
  Selection selection;
  std::string output;
  int size_px = 0;  // of a picture's longer side; 0: as suits the kind
  int columns = 8;
  FilmConfig film;
  int64_t limit = 0;
  std::string camera_topic;
};

bool IsSheetName(const std::string& path) { return path.size() > 4 && path.ends_with(".png"); }

Status ValidateView(const ViewOptions& o) {
  if (IsSheetName(o.output) || IsVideoName(o.output)) return Ok();
  return Usage("--output needs a file that ends in .png (a sheet), .mp4 or .gif" +
               (o.output.empty() ? "" : ", not '" + o.output + "'"));
}

cli::FlagTable DescribeView(ViewOptions* options) {
  cli::FlagTable table("qt-data view", "draw episodes: a contact sheet or a video");
  AddInputs(table, &options->selection.inputs);
  table.Add('o', "output", &options->output, "FILE",
            "what to draw: a sheet (.png) or a video (.mp4, .gif; needs ffmpeg)");
  table
      .Add("size", &options->size_px, "PX",
           "longer side of a picture; 0 is 160 in a sheet, 384 in a video")
      .Range(0, 2048);
  table.Add("columns", &options->columns, "N", "steps of an episode that a sheet shows at most")
      .Range(1, 100);
  table.Add("fps", &options->film.frames_per_s, "N", "steps of a video per second").Range(0.1, 60);
  table.Add("limit", &options->limit, "N", "draw the first N of the chosen episodes; 0 is all")
      .Range(0, 1e9);
  AddCameraTopic(table, &options->camera_topic);
  AddFilter(table, &options->selection.filter);
  table.AddCheck([options] { return ValidateView(*options); });
  table.AddExample("the first ten failures at a glance",
                   "qt-data view spool/ --failure --limit 10 -o failures.png");
  table.AddExample("a video of two episodes", "qt-data view a.mcap --episodes 3,7 -o two.mp4");
  return table;
}

FilmConfig FilmOf(const ViewOptions& options, Overwrite overwrite) {
  FilmConfig config = options.film;
  config.path = options.output;
  if (options.size_px > 0) config.side_px = options.size_px;
  config.overwrite = overwrite;
  return config;
}

// Null for a video, which ffmpeg writes: then the checks are made that it will make.
Result<std::unique_ptr<ByteSink>> OpenSheet(const ViewOptions& options, cli::Io& io) {
  if (IsSheetName(options.output) || io.dry_run()) {
    return io.OpenOutput(options.output, /*binary=*/true, "view", "", "");
  }
  QT_TRY(CreateFile(options.output, io.force() ? Overwrite::kYes : Overwrite::kNo).status());
  return std::unique_ptr<ByteSink>();
}

Status RunView(const ViewOptions& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.selection.inputs));
  QT_TRY(RequireInputs(inputs));
  QT_ASSIGN(const std::unique_ptr<ByteSink> sheet_file, OpenSheet(options, io));
  const Overwrite overwrite = io.force() ? Overwrite::kYes : Overwrite::kNo;
  episodes::EpisodeStream stream(std::move(inputs),
                                 {.read = {.camera_topic = options.camera_topic}});
  const bool is_sheet = IsSheetName(options.output);
  ContactSheet sheet(options.size_px > 0 ? options.size_px : kSheetSide_px, options.columns);
  Film film(FilmOf(options, overwrite));
  uint64_t drawn = 0, undrawable = 0;
  const auto draw = [&](const Selected& selected) -> Status {
    if (selected.stored.episode.steps.empty()) return Ok();
    const ViewedEpisode viewed = {selected.stored.episode, selected.position, selected.label};
    Status added = Ok();
    if (!io.dry_run()) added = is_sheet ? sheet.Add(viewed) : film.Add(viewed);
    ++drawn;
    if (added.code() != Code::kCorrupt) return added;
    LogWarning("episode " + viewed.episode.id + ": " + added.message());
    --drawn;
    ++undrawable;
    return Ok();
  };
  SelectionCounts counts;
  const auto enough = [&] { return options.limit > 0 && drawn >= uint64_t(options.limit); };
  Status status = ForEachSelected(stream, options.selection.filter, io, draw, &counts, enough);
  if (!HasResult(status)) return status;
  if (drawn == 0) return Failed("there is no episode to draw");
  if (!io.dry_run()) {
    QT_TRY(is_sheet ? WritePng(*sheet_file, sheet.Draw()) : film.Finish());
  }
  io.Report({{"episodes", drawn}, {"left_out", counts.left_out}, {"output", options.output}},
            (io.dry_run() ? "would draw " : "drew ") + std::to_string(drawn) + " episodes");
  if (undrawable == 0) return status;
  return Partial(std::to_string(undrawable) + " episodes have pictures that cannot be decoded");
}

}  // namespace

cli::Command ViewCommand() {
  auto options = std::make_shared<ViewOptions>();
  return {"view",
          "draw episodes: a contact sheet or a video",
          {.writes = true},
          [options] { return DescribeView(options.get()); },
          [options](cli::Io& io) { return RunView(*options, io); }};
}

}  // namespace qt::data
