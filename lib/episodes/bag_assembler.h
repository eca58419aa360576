// SPDX-License-Identifier: Apache-2.0
// Makes an episode of a ROS 2 bag that merely holds a camera topic: its pictures, and nothing known
// of the robot (formats/README.md: unknown numbers are NaN). One bag is one episode, without a
// label.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "episodes/episode_assembler.h"
#include "episodes/episode_writer.h"

namespace qt::episodes {

inline constexpr char kBagEnvironment[] = "ros2-bag";  // Episode::env

class BagAssembler {
 public:
  explicit BagAssembler(std::string camera_topic);

  // A message of the file; `offset` is where it, or its chunk, stands. Other topics are passed
  // over.
  void Add(const ChannelTable& channels, const mcap::Message& message, uint64_t offset);
  // One file, one episode: ends it. An error tells what is wrong with the whole.
  void EndOfData(const ChannelTable& channels, uint64_t offset);

  std::optional<StoredEpisode> Take();
  std::vector<AssemblyError> TakeErrors();

 private:
  void AddPicture(const std::string& schema_name, const mcap::Message& message, uint64_t offset);
  void AddStep(int64_t stamp_ns, EncodedImage image);
  void Finish();

  std::string camera_topic_, info_topic_;
  Episode episode_;
  CameraModel camera_;
  size_t bytes_ = 0;
  uint32_t next_index_ = 0;
  bool found_topic_ = false;
  struct Unusable {
    uint64_t offset = 0, count = 0;
  };
  std::map<std::string, Unusable> unusable_;  // by what is wrong
  std::deque<StoredEpisode> done_;
  std::vector<AssemblyError> errors_;
};

}  // namespace qt::episodes
