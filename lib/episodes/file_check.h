// SPDX-License-Identifier: Apache-2.0
// Checks episode files for everything that a reader, ours or another, could stumble over
// (formats/episode/SPEC.md, section 7). Each finding names its place.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/status.h"
#include "episodes/episode_reader.h"

namespace qt::episodes {

struct Finding {
  bool is_error = false;  // else a warning: valid, but not as it should be
  std::string rule;       // a name for programs: "chunk-index"
  std::string message;
  std::string path;
  uint64_t offset_bytes = 0;
};

struct CheckTotals {
  uint64_t files = 0, bytes = 0, episodes = 0, chunks = 0, messages = 0;
  uint64_t errors = 0, warnings = 0;
};

// Reads `source` once, from front to back. Fails if it is no MCAP at all or cannot be read. Of each
// rule at most `max_findings` are told one by one; all are counted.
Status CheckFile(std::unique_ptr<ByteSource> source, const ReadOptions& options,
                 uint64_t max_findings, const std::function<void(const Finding&)>& tell,
                 CheckTotals* totals);

}  // namespace qt::episodes
