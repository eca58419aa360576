// SPDX-License-Identifier: Apache-2.0
// The commands of qt-data, one file each, and what those that read episodes do alike: name their
// inputs, walk through them, and say what was damaged.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/flag_table.h"
#include "cli/tool.h"
#include "data/episode_filter.h"
#include "episodes/episode_source.h"

namespace qt::data {

cli::Command InfoCommand();
cli::Command StatsCommand();
cli::Command ViewCommand();
cli::Command ExportCommand();
cli::Command DumpCommand();
cli::Command CheckCommand();
cli::Command RecoverCommand();
cli::Command ImportCommand();
cli::Command CatCommand();
cli::Command CompactCommand();

// The positional FILE... of a command.
void AddInputs(cli::FlagTable& table, std::vector<std::string>* inputs);

// The flag --camera-topic, for a command that reads bags with nothing but pictures, too.
void AddCameraTopic(cli::FlagTable& table, std::string* camera_topic);

// The flag --follow, for a command that streams to *output: waits for further files of its folders.
void AddFollow(cli::FlagTable& table, const std::vector<std::string>* inputs,
               const std::string* output, bool* follow);
inline episodes::Follow FollowIf(bool follow) {
  return follow ? episodes::Follow::kYes : episodes::Follow::kNo;
}

// Calls `visit` for every episode; says what was damaged as it goes. kPartial if something was.
Status ForEachEpisode(episodes::EpisodeStream& stream, cli::Io& io,
                      const std::function<Status(const episodes::StoredEpisode&)>& visit);

// What commands that choose episodes are told: the inputs, and the filter.
struct Selection {
  std::vector<std::string> inputs;
  EpisodeFilter filter;
};
// The positional FILE..., and the group of flags that is the same in every such command. Wrong
// values are refused before anything is opened.
void AddSelection(cli::FlagTable& table, Selection* selection);
// The filter flags alone.
void AddFilter(cli::FlagTable& table, EpisodeFilter* filter);

struct Selected {
  const episodes::StoredEpisode& stored;
  uint64_t position;   // in the input, from 0
  const Label* label;  // that counts, or nullptr
};
struct SelectionCounts {
  uint64_t selected = 0, left_out = 0;
};
// As ForEachEpisode, for those that the filter selects, until there is nothing more to select or
// `enough` says so.
Status ForEachSelected(episodes::EpisodeStream& stream, const EpisodeFilter& filter, cli::Io& io,
                       const std::function<Status(const Selected&)>& visit,
                       SelectionCounts* counts = nullptr,
                       const std::function<bool()>& enough = nullptr);

// Names a file that is missing before an output is begun.
Status RequireInputs(const std::vector<std::string>& inputs);

// Whether the command has a result to keep: all was read, or all but what was damaged.
inline bool HasResult(const Status& status) {
  return status.ok() || status.code() == Code::kPartial;
}

}  // namespace qt::data
