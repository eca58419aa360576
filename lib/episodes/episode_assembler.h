// SPDX-License-Identifier: Apache-2.0
// Puts episodes together from the messages of an MCAP file, in whatever order they come.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "episodes/episode_layout.h"
#include "episodes/episode_writer.h"
#include "mcap/mcap.h"

namespace qt::episodes {

// What the header, schema and channel records of an MCAP file say: which channel carries which
// topic of ours, and what the others are.

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

// An episode that was dropped, or a message that belongs to none.
struct AssemblyError {
  Status status;
  uint64_t offset = 0;  // of the top-level record where it was found
};

// An episode is an Episode message and what belongs to it: messages with its id, and the pictures
// and cameras of its steps. It is delivered only if it is complete and consistent. In files by our
// writer it ends with its chunk; other tools may have cut the messages into other chunks, and may
// have mixed those of several episodes.
class EpisodeAssembler {
 public:
  explicit EpisodeAssembler(ChannelTable* channels);
  ~EpisodeAssembler();

  // One Message, Schema or Channel record; `offset` is where it (or its chunk) stands in the file.
  void Add(const mcap::RecordView& record, uint64_t offset);
  // All records of an unpacked chunk. May take the contents of `records`.
  void AddChunk(Bytes* records, uint64_t offset);
  // Call right after AddChunk: if the chunk of `unpacked_bytes` was one whole episode and nothing
  // else, that episode gets its compressed bytes.
  void KeepCompressed(size_t unpacked_bytes, ByteSpan compressed);
  // Closes all episodes; an incomplete one is an error.
  void EndOfData();
  void Drop();

  // The oldest finished episode that was not taken yet, and the `offset` where it started.
  struct Assembled {
    StoredEpisode stored;
    uint64_t offset = 0;
  };
  std::optional<Assembled> Take();
  std::vector<AssemblyError> TakeErrors();

 private:
  struct Pending;
  Status AddMessage(const mcap::RecordView& record);
  Status Dispatch(Topic topic, const mcap::Message& message);
  Status StartEpisode(ByteSpan body);
  Status AddStep(ByteSpan body);
  Status AddOutcome(ByteSpan body);
  Status AddLabel(ByteSpan body);
  Status AddPicture(Topic topic, ByteSpan body);
  Status AddCamera(Topic topic, const mcap::Message& message);
  Status Keep(Pending* pending);
  Pending* Find(std::string_view id);
  const std::vector<Pending*>& Collecting();
  void DropAbandoned(const Pending& finished);
  void Close(size_t index);
  void FailCurrent(Status status);
  void Fail(size_t index, Status status, uint64_t offset);

  ChannelTable* channels_;
  std::vector<std::unique_ptr<Pending>> open_;  // in the order of their start
  std::vector<Pending*> collecting_;            // what Collecting gave last
  std::deque<Assembled> done_;
  std::deque<std::string> recent_ids_;  // of episodes that are done
  std::vector<AssemblyError> errors_;
  uint64_t offset_ = 0;           // of the record in hand
  ByteSpan record_;               // the record in hand, with its framing
  bool record_is_fixed_ = false;  // it has the channel id of our layout
  // Episode id of the message in hand; empty: of no episode; nullopt: not known.
  std::optional<std::string_view> failing_id_;
  SharedBytes whole_chunk_;  // not empty: its records are those of one episode, nothing to copy
  uint64_t clock_ = 0;       // counts messages
};

}  // namespace qt::episodes
