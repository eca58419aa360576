// SPDX-License-Identifier: Apache-2.0
// qt-data import: turns published data into episode files.
#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "commands.h"
#include "episodes/episode_sink.h"
#include "json/json.h"
#include "rlds/rlds_import.h"

namespace qt::data {
namespace {

using rlds::RldsStream;

struct ImportOptions {
  std::vector<std::string> inputs;
  std::string from;
  std::string output = "-";
  NumberSet shards;
  int64_t max_episodes = 0;  // 0: all
};

Status ValidateImport(const ImportOptions& options) {
  if (options.from.empty()) return Usage("--from is needed: the format of the input, such as rlds");
  return Ok();
}

cli::FlagTable DescribeImport(ImportOptions* options) {
  cli::FlagTable table("qt-data import", "turn published data into episode files");
  table.AddPositional("IN", &options->inputs,
                      "shards, or the folder of one version of a data set; - or none is stdin");
  table.Add("from", &options->from, "FORMAT", "format of the input").choices = {"rlds"};
  table.Add('o', "output", &options->output, "FILE",
            "where the episodes go: a file, a folder (DIR/), or - for stdout");
  table.Add("shards", &options->shards, "LIST",
            "import only the shards with these numbers, such as 0-9,12");
  table.Add('n', "max-episodes", &options->max_episodes, "N", "stop after N episodes; 0 is all")
      .Range(0, 1e15);
  table.AddCheck([options] { return ValidateImport(*options); });
  table.AddExample("ten shards of the QT-Opt data of Open X-Embodiment",
                   "qt-data import --from rlds kuka/0.1.0 --shards 0-9 -o kuka.mcap");
  table.AddExample("look at the first episode",
                   "qt-data import --from rlds -n 1 kuka/0.1.0 | qt-data dump --images pictures");
  return table;
}

struct Totals {
  uint64_t episodes = 0, successes = 0, labelled = 0, steps = 0;

  void Add(const Episode& episode) {
    ++episodes;
    steps += episode.steps.size();
    if (episode.labels.empty()) return;
    ++labelled;
    successes += episode.labels.back().success ? 1 : 0;
  }
};

// Says what was damaged since the last time.
void Tell(const RldsStream& stream, size_t* told) {
  for (; *told < stream.damage().size(); ++*told) {
    LogWarning(stream.damage()[*told].ToString());
  }
}

Status Copy(RldsStream& stream, episodes::EpisodeSink& sink, int64_t max_episodes, cli::Io& io,
            Totals* totals, size_t* told) {
  const auto progress = io.StartProgress("episodes", static_cast<uint64_t>(max_episodes));
  while (max_episodes == 0 || totals->episodes < static_cast<uint64_t>(max_episodes)) {
    Result<std::optional<Episode>> next = stream.Next();
    Tell(stream, told);
    QT_ASSIGN(const std::optional<Episode> episode, std::move(next));
    if (!episode) return Ok();
    QT_TRY(sink.Write(*episode));
    totals->Add(*episode);
    progress->Update(totals->episodes);
    if (io.stop()) return io.Interrupted();
  }
  return Ok();
}

// What the episodes of a file cannot hold, once for all of them.
void TellDropped(const RldsStream& stream) {
  for (const auto& [field, count] : stream.dropped()) {
    LogInfo("not imported, in " + std::to_string(count) + " episode(s): " + field);
  }
}

void Report(const RldsStream& stream, const Totals& totals, cli::Io& io) {
  Json dropped = Json::object();
  for (const auto& [field, count] : stream.dropped()) dropped[field] = count;
  io.Report({{"episodes", totals.episodes},
             {"steps", totals.steps},
             {"labelled", totals.labelled},
             {"successes", totals.successes},
             {"shards", stream.num_shards_read()},
             {"bytes_read", stream.bytes_read()},
             {"damaged", stream.damage().size()},
             {"dropped", dropped}},
            std::to_string(totals.episodes) + " episodes of " + std::to_string(totals.steps) +
                " steps, " + std::to_string(totals.successes) + " of " +
                std::to_string(totals.labelled) + " labelled ones successful");
}

Status RunImport(const ImportOptions& options, cli::Io& io) {
  QT_ASSIGN(const std::vector<std::string> inputs, cli::InputsOrStdin(options.inputs));
  QT_ASSIGN(rlds::RldsShards shards, rlds::FindRldsShards(inputs, options.shards));
  const auto open = [&](const std::string& file_id) {
    return io.OpenOutput(options.output, /*binary=*/true, "imported", file_id, ".mcap");
  };
  episodes::Lineage lineage{.tool = io.tool_version(), .command_line = io.command_line()};
  QT_ASSIGN(const std::unique_ptr<episodes::EpisodeSink> sink,
            episodes::OpenSink(options.output,
                               {.open = open, .file_id = "rlds", .lineage = std::move(lineage)}));
  if (io.dry_run()) {
    for (const Status& missing : shards.missing) LogWarning(missing.ToString());
    const uint64_t count = shards.shards.size();
    io.Report({{"shards", count}, {"output", options.output}},
              "would import " + std::to_string(count) + " shard(s) into " + options.output);
    return Ok();
  }
  RldsStream stream(std::move(shards), io.tool_version());
  Totals totals;
  size_t told = 0;
  const Status status = Copy(stream, *sink, options.max_episodes, io, &totals, &told);
  if (!status.ok() && status.code() != Code::kInterrupted) return status;
  QT_TRY(sink->Finish());
  TellDropped(stream);
  Report(stream, totals, io);
  QT_TRY(status);
  if (told == 0) return Ok();
  return Partial(std::to_string(told) + (told == 1 ? " part" : " parts") +
                 " of the input could not be imported");
}

}  // namespace

cli::Command ImportCommand() {
  auto options = std::make_shared<ImportOptions>();
  return {"import",
          "turn published data into episode files",
          {.writes = true},
          [options] { return DescribeImport(options.get()); },
          [options](cli::Io& io) { return RunImport(*options, io); }};
}

}  // namespace qt::data
