// SPDX-License-Identifier: Apache-2.0
// What a TensorFlow data set says about itself in the two files beside its shards: features.json
// (how each field is encoded) and dataset_info.json (name, version, how many records each shard
// holds).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qt::rlds {

// How the values of one step are stored.
enum class RldsEncoding : uint8_t {
  kNone,   // as numbers of the list
  kBytes,  // raw little-endian numbers, one string a step
  kZlib,   // the same, deflated
};

struct RldsField {
  RldsEncoding encoding = RldsEncoding::kNone;
  std::string dtype;                // "float32", "bool", ...; "" for text and pictures
  int width_px = 0, height_px = 0;  // of pictures; 0: any
};

// Fields by the name under which they stand in a record ("steps/observation/image").
using RldsFeatures = std::map<std::string, RldsField, std::less<>>;

// Errors say what is wrong with the text.
Result<RldsFeatures> ParseRldsFeatures(const std::string& json);

struct RldsSplit {
  std::string name;                     // "train"
  std::vector<uint64_t> shard_lengths;  // records of each shard
};
struct RldsInfo {
  std::string name;         // "kuka"
  std::string version;      // "0.1.0"
  std::string file_format;  // "tfrecord"
  std::vector<RldsSplit> splits;
};
Result<RldsInfo> ParseRldsInfo(const std::string& json);

}  // namespace qt::rlds
