// SPDX-License-Identifier: Apache-2.0
// The channel table of an episode file: fixed ids, topics and message definitions
// (formats/episode/SPEC.md, section 3).
#pragma once

#include <cstdint>
#include <span>

#include "mcap/mcap.h"

namespace qt::episodes {

// Also the MCAP channel ids that our writer uses. A reader goes by the topic.
enum class Topic : uint16_t {
  kOther = 0,
  kEpisode = 1,
  kImage = 2,
  kStep = 3,
  kCheck = 4,
  kOutcome = 5,
  kLabel = 6,
  kCameraInfo = 7,
  kTfStatic = 8,
  kTf = 9,  // from here on: declared only in files that need them
  kRawImage = 10,
  kRawCheck = 11,
};
inline constexpr uint16_t kNumCommonTopics = 8;

// Starts the library name in the header of every file by our writer.
inline constexpr char kLibraryPrefix[] = "qt-tools ";
// Name of the /qt/episode topic, by which a file is known as ours.
inline constexpr char kEpisodeTopicName[] = "/qt/episode";

struct TopicSpec {
  Topic topic;
  uint16_t schema_id;
  const char* name;
};
std::span<const TopicSpec> AllTopics();

mcap::Channel ChannelFor(Topic topic);
mcap::Schema SchemaFor(Topic topic);

// The topic that `channel` carries in our encoding; kOther for everything else.
Topic TopicOf(const mcap::Channel& channel, const mcap::Schema& schema);

}  // namespace qt::episodes
