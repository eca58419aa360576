// SPDX-License-Identifier: Apache-2.0
// Episodes for tools that read neither MCAP nor ROS (docs/EXPORT.md): a folder of pictures and JSON
// lines, or a WebDataset tar. One episode at a time; nothing is kept.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "episodes/episode_writer.h"
#include "mdp/episode.h"

namespace qt::data {

class EpisodeExporter {
 public:
  virtual ~EpisodeExporter() = default;
  // `label` is the one of `episode` that counts, or nullptr.
  virtual Status Add(const Episode& episode, const Label* label) = 0;
  // `programs`: the lineage of the input and of the export itself.
  virtual Status Finish(const std::vector<episodes::Program>& programs) = 0;
};

// Fails if the folder exists and is not empty, unless it may be overwritten. The lists of episodes
// and steps appear in it last: a folder without them is not complete.
Result<std::unique_ptr<EpisodeExporter>> ExportToFolder(const std::string& folder,
                                                        Overwrite overwrite);
std::unique_ptr<EpisodeExporter> ExportToWebDataset(std::unique_ptr<ByteSink> sink);

}  // namespace qt::data
