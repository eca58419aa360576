// SPDX-License-Identifier: Apache-2.0
// qt-data dump: prints episodes as JSON, one a line, and saves their pictures.
#include <memory>

#include "commands.h"
#include "episodes/episode_json.h"
#include "json/json.h"

namespace qt::data {
namespace {

struct DumpOptions {
  Selection selection;
  std::string output = "-";
  std::string images;  // folder; empty: pictures are not saved
  std::string camera_topic;
  bool follow = false;
};

cli::FlagTable DescribeDump(DumpOptions* options) {
  cli::FlagTable table("qt-data dump", "print episodes as JSON, one a line");
  AddInputs(table, &options->selection.inputs);
  table.Add('o', "output", &options->output, "FILE", "where the lines go: a file, or - for stdout");
  table.Add("images", &options->images, "DIR",
            "save every picture in this folder, which is made if it is missing");
  AddCameraTopic(table, &options->camera_topic);
  AddFilter(table, &options->selection.filter);
  AddFollow(table, &options->selection.inputs, &options->output, &options->follow);
  table.AddExample("the actions of the first episode",
                   "qt-data dump a.mcap | head -n 1 | jq '.steps[].action'");
  table.AddExample("the results of episodes as they arrive",
                   "qt-data dump --follow spool/ | jq '.labels'");
  table.AddExample("all pictures as files", "qt-data dump --images pictures a.mcap > a.json");
  return table;
}

Status SaveImages(const std::string& folder, std::span<const episodes::NamedImage> images,
                  cli::Io& io) {
  if (io.dry_run()) return Ok();
  for (const episodes::NamedImage& named : images) {
    const Bytes contents = episodes::ImageFileContents(*named.image);
    const std::string_view text(reinterpret_cast<const char*>(contents.data()), contents.size());
    QT_TRY(WriteWholeFile(folder + "/" + named.file, text,
                          io.force() ? Overwrite::kYes : Overwrite::kNo));
  }
  return Ok();
}

Status RunDump(const DumpOptions& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.selection.inputs));
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink,
            io.OpenOutput(options.output, /*binary=*/false, "episodes", "dump", ".json"));
  if (!options.images.empty() && !io.dry_run()) QT_TRY(MakeFolder(options.images));
  episodes::EpisodeStream stream(
      std::move(inputs),
      {.follow = FollowIf(options.follow), .read = {.camera_topic = options.camera_topic}});
  uint64_t number = 0;
  const auto write = [&](const Selected& selected) -> Status {
    const Episode& episode = selected.stored.episode;
    std::vector<episodes::NamedImage> images;
    if (!options.images.empty()) images = episodes::NameImages(episode, number);
    QT_TRY(SaveImages(options.images, images, io));
    const Json json = episodes::EpisodeToJson(episode, images);
    ++number;
    const std::string line = json::Dump(json) + "\n";
    QT_TRY(sink->Write(AsBytes(line)));
    return sink->Flush();
  };
  const Status status = ForEachSelected(stream, options.selection.filter, io, write);
  if (HasResult(status)) QT_TRY(sink->Commit());
  return status;
}

}  // namespace

cli::Command DumpCommand() {
  auto options = std::make_shared<DumpOptions>();
  return {"dump",
          "print episodes as JSON, one a line",
          {.writes = true},
          [options] { return DescribeDump(options.get()); },
          [options](cli::Io& io) { return RunDump(*options, io); }};
}

}  // namespace qt::data
