// SPDX-License-Identifier: Apache-2.0
// Many files of a spool folder become one: written, read back, published, and only then are the
// originals removed.
//
// At every moment each episode is in a finished file: a crash before the new file is published
// leaves the originals (and a hidden file that nobody reads); a crash after it leaves the new file
// and some originals, whose episodes are then there twice. Copies are recognised by
// episodes::DigestOf; the next compaction writes them once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "data/episode_filter.h"
#include "episodes/episode_writer.h"

namespace qt::data {

struct CompactOptions {
  std::vector<std::string> files = {};  // in the order in which their episodes shall stand
  std::string output = {};  // the new file; may be one of `files` if it may be overwritten
  Overwrite overwrite = Overwrite::kNo;
  uint64_t max_file_bytes = UINT64_MAX;  // larger files stay as they are
  EpisodeFilter filter = {};             // what it does not select is discarded
  episodes::Lineage lineage = {};
  bool dry_run = false;  // read only
};

struct CompactSummary {
  uint64_t files = 0;       // that became one
  uint64_t left_alone = 0;  // damaged or foreign files: neither copied nor removed
  uint64_t episodes = 0;    // in the new file
  uint64_t duplicates = 0;  // copies of episodes that stood before them: left out
  uint64_t discarded = 0;   // not selected by the filter
  uint64_t bytes_before = 0, bytes_after = 0;
  uint64_t removed = 0;  // files
  bool published = false;
};

// `note` gets one sentence for every file that is left alone, and for what could not be removed.
// A single file is not written again unless the filter may discard something.
// Fails without a new file if one cannot be written or does not read back as it should; then no
// original is touched. kInterrupted if *stop was set before the new file was published.
Status Compact(const CompactOptions& options, const std::atomic<bool>& stop,
               const std::function<void(const Status&)>& note, CompactSummary* summary);

}  // namespace qt::data
