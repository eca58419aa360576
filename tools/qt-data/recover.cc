// SPDX-License-Identifier: Apache-2.0
// qt-data recover: saves what is whole in damaged episode files, and says what is not.
#include <filesystem>
#include <memory>
#include <utility>

#include "base/file.h"
#include "commands.h"
#include "episodes/episode_sink.h"
#include "json/json.h"

namespace qt::data {
namespace {

struct RecoverOptions {
  std::vector<std::string> inputs;
  std::string output = "-";
  std::string camera_topic;
};

cli::FlagTable DescribeRecover(RecoverOptions* options) {
  cli::FlagTable table("qt-data recover", "save what is whole in damaged episode files");
  AddInputs(table, &options->inputs);
  AddCameraTopic(table, &options->camera_topic);
  table.Add('o', "output", &options->output, "FILE",
            "where the episodes go: a file, a folder (DIR/), or - for stdout");
  table.AddCheck([options]() -> Status {
    for (const std::string& input : options->inputs) {
      std::error_code error;
      if (!std::filesystem::equivalent(input, options->output, error) || error) continue;
      if (IsFolder(input)) continue;
      return Usage("--output is the input " + input + ", which is never touched");
    }
    return Ok();
  });
  table.AddExample("after a crash", "qt-data recover .a.mcap.4711-0.tmp -o a.mcap");
  table.AddExample("what was lost, and where",
                   "qt-data recover bad.mcap -o good.mcap --json | jq '.lost[]'");
  return table;
}

Json RecoveredJson(const episodes::EpisodeStream& stream, uint64_t episodes) {
  Json lost = Json::array();
  uint64_t lost_bytes = 0;
  for (const episodes::Damage& damage : stream.damage()) {
    lost.push_back({{"file", damage.status.path()},
                    {"offset", damage.offset_bytes},
                    {"bytes", damage.lost_bytes},
                    {"message", damage.status.message()}});
    lost_bytes += damage.lost_bytes;
  }
  return {{"episodes", episodes}, {"lost_bytes", lost_bytes}, {"lost", lost}};
}

Status RunRecover(const RecoverOptions& options, cli::Io& io) {
  QT_ASSIGN(std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  const auto open = [&](const std::string& file_id) {
    return io.OpenOutput(options.output, /*binary=*/true, "recovered", file_id, ".mcap");
  };
  episodes::Lineage lineage{.tool = io.tool_version(), .command_line = io.command_line()};
  QT_ASSIGN(const std::unique_ptr<episodes::EpisodeSink> sink,
            episodes::OpenSink(
                options.output,
                {.open = open, .file_id = episodes::NewFileId(), .lineage = std::move(lineage)}));
  episodes::EpisodeStream stream(std::move(inputs),
                                 {.read = {.camera_topic = options.camera_topic}});
  uint64_t episodes = 0;
  const Status status =
      ForEachEpisode(stream, io, [&](const episodes::StoredEpisode& stored) -> Status {
        ++episodes;
        QT_TRY(sink->Inherit(stream.programs()));
        return sink->WriteCopy(stored, {});
      });
  if (!HasResult(status)) return status;
  QT_TRY(sink->Inherit(stream.programs()));
  QT_TRY(sink->Finish());
  const Json json = RecoveredJson(stream, episodes);
  io.Report(json, std::to_string(episodes) + " episode(s) saved, " +
                      std::to_string(stream.damage().size()) + " piece(s) of damage, " +
                      std::to_string(json["lost_bytes"].get<uint64_t>()) + " bytes lost");
  return status;
}

}  // namespace

cli::Command RecoverCommand() {
  auto options = std::make_shared<RecoverOptions>();
  return {"recover",
          "save what is whole in damaged episode files",
          {.writes = true},
          [options] { return DescribeRecover(options.get()); },
          [options](cli::Io& io) { return RunRecover(*options, io); }};
}

}  // namespace qt::data
