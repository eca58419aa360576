// SPDX-License-Identifier: Apache-2.0
// Finds the shards of TensorFlow data sets among files and folders, and says which are missing.
// Opens no shard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/number_set.h"
#include "base/status.h"
#include "rlds/rlds_features.h"

namespace qt::rlds {

struct RldsShard {
  std::string path;   // or "-"
  bool named = true;  // by the user, not found in a folder
  std::string dataset, version, split;
  uint64_t number = 0;                           // by its name, else its place among the inputs
  std::optional<uint64_t> num_records;           // that it should hold, if somebody says so
  std::shared_ptr<const RldsFeatures> features;  // never null; empty without a features.json
};

struct RldsShards {
  std::vector<RldsShard> shards;  // in the order of the inputs, and of their numbers
  std::vector<Status> missing;    // one sentence for each folder and split that lacks some
};

// An input is a shard file, "-" for one on stdin, or the folder of one version of a data set, with
// features.json and dataset_info.json in it. Fails if an input is not there, holds no shards, or
// one of those two files cannot be understood. Numbered shards outside of `selection` are left out.
Result<RldsShards> FindRldsShards(const std::vector<std::string>& inputs,
                                  const NumberSet& selection);

}  // namespace qt::rlds
