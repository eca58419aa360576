// What every command of qt-data that reads episodes does alike: name its inputs, walk through them,
// and say what was damaged.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/flag_table.h"
#include "cli/tool.h"
#include "record/episode_reader.h"

namespace qt::data {

// The positional FILE... of a command.
void AddInputs(cli::FlagTable& table, std::vector<std::string>* inputs);

// The flag --camera-topic, for a command that reads bags with nothing but pictures, too.
void AddCameraTopic(cli::FlagTable& table, std::string* camera_topic);

// The flag --follow, for a command that streams to *output: waits for further files of its folders.
void AddFollow(cli::FlagTable& table, const std::vector<std::string>* inputs,
               const std::string* output, bool* follow);
inline record::Follow FollowIf(bool follow) {
  return follow ? record::Follow::kYes : record::Follow::kNo;
}

// Calls `visit` for every episode; says what was damaged as it goes. kPartial if something was.
Status ForEachEpisode(record::EpisodeStream& stream, cli::Io& io,
                      const std::function<Status(const record::StoredEpisode&)>& visit);

// Whether the command has a result to keep: all was read, or all but what was damaged.
inline bool HasResult(const Status& status) {
  return status.ok() || status.code() == Code::kPartial;
}

}  // namespace qt::data
