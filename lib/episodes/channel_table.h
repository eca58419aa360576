// What the header, schema and channel records of an MCAP file say: which channel carries which
// topic of ours, and what the others are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "episodes/episode_layout.h"
#include "mcap/mcap.h"

namespace qt::episodes {

// These records have no checksum of their own, so in a file by our own writer the fixed table
// counts, whatever they say.
class ChannelTable {
 public:
  void AddHeader(ByteSpan body);
  // The start of the file is lost: a channel that nothing is known of is one of our fixed ones.
  void AssumeOurs() { assumed_ = true; }
  Status AddRecord(const mcap::RecordView& record);  // a Schema or a Channel
  void Add(mcap::Schema schema);
  void Add(const mcap::Channel& channel);

  struct Entry {
    Topic topic = Topic::kOther;
    bool fixed_id = false;  // it has the channel id of our layout
  };
  // kOther for unknown channels.
  Entry Find(uint16_t channel_id) const;
  bool HasEpisodes() const;
  // Our own writer put exactly one episode into each chunk.
  bool ours() const { return ours_; }

  struct Description {
    std::string topic, schema_name, message_encoding;
  };
  const Description* Describe(uint16_t channel_id) const;  // nullptr: unknown
  // The topics with CDR pictures, by name.
  std::vector<std::string> CameraTopics() const;

 private:
  bool ours_ = false, assumed_ = false;
  std::map<uint16_t, mcap::Schema> schemas_;
  std::map<uint16_t, Entry> channels_;
  std::map<uint16_t, Description> descriptions_;
};

bool IsPictureSchema(const std::string& schema_name);

}  // namespace qt::episodes
