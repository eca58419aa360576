// Puts episodes together from the messages of an MCAP file. Used by the two readers.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "record/episode_layout.h"
#include "record/episode_writer.h"
#include "record/mcap.h"

namespace qt::record {

// What the header, schema and channel records of a file say. They have no checksum of their own, so
// in a file by our own writer the fixed table counts, whatever they say.
class ChannelTable {
 public:
  void AddHeader(ByteSpan body);
  void Add(mcap::Schema schema);
  void Add(const mcap::Channel& channel);
  struct Entry {
    Topic topic = Topic::kOther;
    bool fixed_id = false;  // it has the channel id of our layout
  };
  // kOther for unknown channels.
  Entry Find(uint16_t channel_id) const;
  bool HasEpisodes() const;

 private:
  bool ours_ = false;
  std::map<uint16_t, mcap::Schema> schemas_;
  std::map<uint16_t, Entry> channels_;
};

// An episode is what lies between an Episode message and the next one (or the end of a chunk, once
// its Outcome was seen). It is delivered only if it is complete and consistent.
class EpisodeAssembler {
 public:
  explicit EpisodeAssembler(ChannelTable* channels);
  ~EpisodeAssembler();

  // One record of a chunk, or a Message or Schema or Channel that stands outside of chunks. After
  // an error the episode in hand is dropped.
  Status Add(const mcap::RecordView& record);
  // All records of an unpacked chunk, and EndOfChunk.
  Status AddChunk(ByteSpan records);
  // Closes an episode that is complete. An incomplete one may go on in the next chunk.
  Status EndOfChunk();
  // Closes the episode in hand; an incomplete one is an error.
  Status EndOfData();
  void Drop();

  // The oldest finished episode that was not taken yet.
  std::optional<StoredEpisode> Take();

 private:
  struct Pending;
  Status AddMessage(const mcap::RecordView& record);
  Status Dispatch(Topic topic, ByteSpan body);
  Status StartEpisode(ByteSpan body);
  Status AddStep(ByteSpan body);
  Status AddImage(Topic topic, ByteSpan body);
  Status AddOutcome(ByteSpan body);
  Status AddLabel(ByteSpan body);
  Status AddCamera(Topic topic, ByteSpan body);
  Status Close();

  ChannelTable* channels_;
  std::unique_ptr<Pending> pending_;
  std::deque<StoredEpisode> done_;
};

}  // namespace qt::record
