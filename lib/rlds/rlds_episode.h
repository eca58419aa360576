// SPDX-License-Identifier: Apache-2.0
// One record of the published QT-Opt data (Open X-Embodiment's `kuka`) as an episode.
// docs/IMPORT.md says what becomes what.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/status.h"
#include "mdp/episode.h"
#include "rlds/rlds_features.h"
#include "rlds/tf_example.h"

namespace qt::rlds {

// Where a record comes from: makes the episode's names and stamps, which therefore do not depend on
// what else is imported.
struct RldsOrigin {
  std::string dataset;     // "kuka"
  std::string version;     // "0.1.0"
  std::string split;       // "train"
  uint64_t shard = 0;      // its number
  std::string shard_file;  // its file name
  uint64_t record = 0;     // its number in the shard
  std::string tool;        // who imports
};

// What an episode cannot hold, with the number of records that had it.
using RldsDropped = std::map<std::string, uint64_t>;

// The episode with its label; content hashes are left to the writer. `features` may be empty: then
// a string where numbers belong is inflated if it looks like zlib. Corrupt names the field that is
// missing or does not fit.
Result<Episode> EpisodeFromRlds(const TfExample& example, const RldsFeatures& features,
                                const RldsOrigin& origin, RldsDropped* dropped);

}  // namespace qt::rlds
