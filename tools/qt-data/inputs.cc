#include "inputs.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/log.h"

namespace qt::data {

using record::EpisodeStream;
using record::StoredEpisode;

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
    const auto is_folder = [](const std::string& name) {
      std::error_code error;
      return std::filesystem::is_directory(name, error);
    };
    if (std::ranges::none_of(*inputs, is_folder)) {
      return Usage("--follow needs a folder among the inputs");
    }
    if (*output == "-") return Ok();
    return Usage("--follow never ends, so a file would never be finished; use -o -");
  });
}

Status ForEachEpisode(EpisodeStream& stream, cli::Io& io,
                      const std::function<Status(const StoredEpisode&)>& visit) {
  size_t told = 0;
  for (;;) {
    const Result<std::optional<StoredEpisode>> next = stream.Next();
    for (; told < stream.damage().size(); ++told) {
      LogWarning(stream.damage()[told].status.ToString());
    }
    if (!next.ok()) return next.status();
    if (!next->has_value()) break;
    QT_TRY(visit(**next));
    if (io.stop()) return io.Interrupted();
  }
  if (told == 0) return Ok();
  return Partial(std::to_string(told) + (told == 1 ? " part" : " parts") +
                 " of the input could not be read");
}

}  // namespace qt::data
