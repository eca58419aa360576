// SPDX-License-Identifier: Apache-2.0
// Episode files of spool folders (folders that tools watch for new files): those that are there,
// and those that arrive. Hidden and unfinished files are never given.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/spool_watcher.h"
#include "base/status.h"

namespace qt::episodes {

// Every *.mcap of the folder, by name. Hidden files are still being written: left out.
Result<std::vector<std::string>> ListEpisodeFiles(const std::string& folder);

// Whether the file ends as a finished MCAP file does. False also if it cannot be read.
bool HasClosingBytes(const std::string& path);

// Gives the files of the folders, and waits for further ones.
Result<std::unique_ptr<SpoolWatcher>> WatchEpisodeFiles(std::vector<std::string> folders);

}  // namespace qt::episodes
