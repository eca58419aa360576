// SPDX-License-Identifier: Apache-2.0
// qt-data: looks into episode files.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/file.h"
#include "base/log.h"
#include "base/output_place.h"
#include "cli/tool.h"
#include "commands.h"

namespace qt::data {

using episodes::EpisodeStream;
using episodes::StoredEpisode;

void AddInputs(cli::FlagTable& table, std::vector<std::string>* inputs) {
  table.AddPositional("FILE", inputs, "episode files or folders of them; - or none is stdin");
}

void AddCameraTopic(cli::FlagTable& table, std::string* camera_topic) {
  table.Add(
      "camera-topic", camera_topic, "TOPIC",
      "a ROS 2 bag without episodes becomes one unlabelled episode of the pictures on this topic");
}

void AddFollow(cli::FlagTable& table, const std::vector<std::string>* inputs,
               const std::string* output, bool* follow) {
  table
      .Add("follow", follow, "",
           "when all is read, wait for further files in the input folders, until interrupted")
      .negatable = false;
  table.AddCheck([=]() -> Status {
    if (!*follow) return Ok();
    if (std::ranges::none_of(*inputs, episodes::CanFollow)) {
      return Usage("--follow needs a folder among the inputs");
    }
    if (NamesStdout(*output)) return Ok();
    return Usage("--follow never ends, so a file would never be finished; use -o -");
  });
}

namespace {

// Reads on until `visit` says that it has seen enough.
enum class Go { kOn, kEnough };

Status Walk(EpisodeStream& stream, cli::Io& io,
            const std::function<Result<Go>(const StoredEpisode&)>& visit) {
  size_t told = 0;
  for (;;) {
    const Result<std::optional<StoredEpisode>> next = stream.Next();
    for (; told < stream.damage().size(); ++told) {
      LogWarning(stream.damage()[told].status.ToString());
    }
    if (!next.ok()) return next.status();
    if (!next->has_value()) break;
    QT_ASSIGN(const Go go, visit(**next));
    if (go == Go::kEnough) break;
    if (io.stop()) return io.Interrupted();
  }
  if (told == 0) return Ok();
  return Partial(std::to_string(told) + (told == 1 ? " part" : " parts") +
                 " of the input could not be read");
}

}  // namespace

Status ForEachEpisode(EpisodeStream& stream, cli::Io& io,
                      const std::function<Status(const StoredEpisode&)>& visit) {
  return Walk(stream, io, [&](const StoredEpisode& stored) -> Result<Go> {
    QT_TRY(visit(stored));
    return Go::kOn;
  });
}

void AddFilter(cli::FlagTable& table, EpisodeFilter* filter) {
  table.BeginGroup("Which episodes");
  cli::AddFlags(table, *filter);
  table.AddCheck([filter] { return CheckFilter(*filter); });
}

void AddSelection(cli::FlagTable& table, Selection* selection) {
  AddInputs(table, &selection->inputs);
  AddFilter(table, &selection->filter);
}

Status ForEachSelected(EpisodeStream& stream, const EpisodeFilter& filter, cli::Io& io,
                       const std::function<Status(const Selected&)>& visit, SelectionCounts* counts,
                       const std::function<bool()>& enough) {
  uint64_t position = 0;
  SelectionCounts count;
  const Status status = Walk(stream, io, [&](const StoredEpisode& stored) -> Result<Go> {
    const uint64_t here = position++;
    if (filter.Matches(stored.episode, here)) {
      ++count.selected;
      QT_TRY(visit({stored, here, filter.LabelOf(stored.episode)}));
    } else {
      ++count.left_out;
    }
    const bool done = filter.EndsBefore(position) || (enough && enough());
    return done ? Go::kEnough : Go::kOn;
  });
  if (counts != nullptr) *counts = count;
  return status;
}

Status RequireInputs(const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    std::error_code error;
    if (NamesStdin(input) || std::filesystem::exists(input, error)) continue;
    return NotFound("no such file or folder").At(input);
  }
  return Ok();
}

}  // namespace qt::data

int main(int argc, char** argv) {
  using namespace qt::data;
  const std::vector<qt::cli::Command> commands = {
      InfoCommand(),  StatsCommand(),   ViewCommand(),   ExportCommand(), DumpCommand(),
      CheckCommand(), RecoverCommand(), ImportCommand(), CatCommand(),    CompactCommand(),
  };
  return qt::cli::RunCommands("qt-data", "look into episode files", commands, argc, argv);
}
